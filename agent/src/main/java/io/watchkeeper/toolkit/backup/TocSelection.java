package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The entries of an archive that make chosen tables whole: pg_restore's own {@code --table} leaves out indexes, constraints, defaults,
 * triggers, grants and sequences.
 *
 * @param entries ids, in the archive's order
 * @param leftOut what was not taken because it refers to something that is not there, as people read it
 */
record TocSelection(Set<Integer> entries, List<String> leftOut) {

    /** What belongs to a table or sequence that it depends on. */
    private static final Set<String> PARTS = Set.of(
            "TABLE DATA",
            "MATERIALIZED VIEW DATA",
            "SEQUENCE",
            "SEQUENCE SET",
            "SEQUENCE OWNED BY",
            "DEFAULT",
            "CONSTRAINT",
            "CHECK CONSTRAINT",
            "FK CONSTRAINT",
            "INDEX",
            "INDEX ATTACH",
            "TABLE ATTACH",
            "STATISTICS",
            "STATISTICS DATA",
            "TRIGGER",
            "RULE",
            "ROW SECURITY",
            "POLICY",
            "COMMENT",
            "SECURITY LABEL",
            "ACL");

    /** What needs both of the tables it names: a partition alone is a table of its own. */
    private static final Set<String> ATTACHING = Set.of("TABLE ATTACH", "INDEX ATTACH");

    /**
     * Chooses.
     *
     * @param oids of the chosen tables
     * @param references foreign keys of all tables of the dump; only those of chosen tables are taken
     * @param exists whether a table that is not chosen is where the others are restored to
     * @param without types that are not taken
     */
    static TocSelection of(
            DumpToc toc,
            Collection<Long> oids,
            List<DumpContents.Reference> references,
            Predicate<TableName> exists,
            Set<String> without) {
        Map<Integer, DumpToc.Entry> byId =
                toc.entries().stream().collect(Collectors.toMap(DumpToc.Entry::id, entry -> entry));
        Set<Integer> taken = new LinkedHashSet<>();
        List<String> leftOut = new ArrayList<>();
        Set<Long> chosen = new HashSet<>(oids);
        Map<Long, DumpContents.Reference> byConstraint =
                references.stream().collect(Collectors.toMap(DumpContents.Reference::oid, one -> one));
        toc.entries().stream()
                .filter(entry -> entry.isRelation() && !entry.type().equals("INDEX") && chosen.contains(entry.oid()))
                .forEach(entry -> taken.add(entry.id()));
        // In the archive's order, and a second time: a default stands before the sequence it needs, and comments before
        // indexes.
        for (int pass = 0; pass < 2; pass++) {
            for (DumpToc.Entry entry : toc.entries()) {
                boolean part = PARTS.contains(entry.type()) && !without.contains(entry.type());
                if (!part
                        || taken.contains(entry.id())
                        || entry.dependsOn().stream().noneMatch(taken::contains)) {
                    continue;
                }
                DumpContents.Reference reference =
                        entry.type().equals("FK CONSTRAINT") ? byConstraint.get(entry.oid()) : null;
                if (reference != null && !chosen.contains(reference.from())) {
                    continue;
                }
                if (reference != null
                        && !chosen.contains(reference.to())
                        && !exists.test(new TableName(reference.schema(), reference.name()))) {
                    if (pass == 0) {
                        leftOut.add(entry.text());
                    }
                } else if (!ATTACHING.contains(entry.type()) || bothTaken(entry, byId, taken)) {
                    taken.add(entry.id());
                }
            }
        }
        return new TocSelection(inOrder(toc, taken), leftOut);
    }

    private static boolean bothTaken(DumpToc.Entry entry, Map<Integer, DumpToc.Entry> byId, Set<Integer> taken) {
        return entry.dependsOn().stream()
                .map(byId::get)
                .filter(on -> on != null && on.isRelation() && on.type().equals("TABLE"))
                .allMatch(on -> taken.contains(on.id()));
    }

    private static Set<Integer> inOrder(DumpToc toc, Set<Integer> taken) {
        return toc.entries().stream()
                .map(DumpToc.Entry::id)
                .filter(taken::contains)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The same with all that the chosen entries need: types, functions, schemas, extensions, for a database that has none of them. */
    TocSelection withNeeds(DumpToc toc) {
        Map<Integer, DumpToc.Entry> byId = new HashMap<>();
        toc.entries().forEach(entry -> byId.put(entry.id(), entry));
        Set<Integer> all = new HashSet<>(entries);
        List<Integer> open = new ArrayList<>(entries);
        while (!open.isEmpty()) {
            DumpToc.Entry entry = byId.get(open.remove(open.size() - 1));
            if (entry != null) {
                for (Integer needed : entry.dependsOn()) {
                    DumpToc.Entry on = byId.get(needed);
                    if (on != null && all.add(needed)) {
                        open.add(needed);
                    }
                }
            }
        }
        return new TocSelection(inOrder(toc, all), leftOut);
    }

    /** The same with entries of a type that the condition holds for. */
    TocSelection plus(DumpToc toc, Predicate<DumpToc.Entry> condition) {
        Set<Integer> all = new HashSet<>(entries);
        toc.entries().stream().filter(condition).forEach(entry -> all.add(entry.id()));
        return new TocSelection(inOrder(toc, all), leftOut);
    }

    /** Everything but some entries. */
    static TocSelection allBut(DumpToc toc, Predicate<DumpToc.Entry> without) {
        return new TocSelection(
                toc.entries().stream()
                        .filter(without.negate())
                        .map(DumpToc.Entry::id)
                        .collect(Collectors.toCollection(LinkedHashSet::new)),
                List.of());
    }

    /** As {@code pg_restore --use-list} reads it. */
    String list() {
        return entries.stream().map(id -> id + ";\n").collect(Collectors.joining());
    }
}
