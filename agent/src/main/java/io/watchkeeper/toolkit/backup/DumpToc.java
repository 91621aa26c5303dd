package io.watchkeeper.toolkit.backup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An archive's table of contents, as {@code pg_restore --list --verbose} prints it. Names stand there unquoted between spaces, so that
 * entries are told apart by their object ids and by what they depend on, never by name.
 *
 * @param entries in the archive's order, which is the order of restoring
 */
record DumpToc(List<Entry> entries) {

    private static final Pattern ENTRY = Pattern.compile("(\\d+); (\\d+) (\\d+) (.*)");
    private static final Pattern DEPENDS = Pattern.compile(";\\s+depends on:((?: \\d+)+)");

    /** Types of more than one word, longest first, so that none is taken for the beginning of another. */
    private static final List<String> LONG_TYPES = Stream.of(
                    "TABLE DATA",
                    "TABLE ATTACH",
                    "FOREIGN TABLE",
                    "MATERIALIZED VIEW DATA",
                    "MATERIALIZED VIEW",
                    "SEQUENCE SET",
                    "SEQUENCE OWNED BY",
                    "INDEX ATTACH",
                    "FK CONSTRAINT",
                    "CHECK CONSTRAINT",
                    "DEFAULT ACL",
                    "EVENT TRIGGER",
                    "ROW SECURITY",
                    "SECURITY LABEL",
                    "STATISTICS DATA",
                    "PUBLICATION TABLES IN SCHEMA",
                    "PUBLICATION TABLE",
                    "SUBSCRIPTION TABLE",
                    "USER MAPPING",
                    "FOREIGN SERVER",
                    "FOREIGN DATA WRAPPER")
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();

    /**
     * A thing to restore.
     *
     * @param id within the archive
     * @param oid of the object on the source; of rows, their table's
     * @param text its type, schema, name and owner, unquoted
     * @param dependsOn ids of entries that come before it
     */
    record Entry(int id, long catalogue, long oid, String type, String text, List<Integer> dependsOn) {

        /** pg_class: whether the oid is a table's, a view's, a sequence's or an index's. */
        boolean isRelation() {
            return catalogue == 1259;
        }
    }

    DumpToc {
        entries = List.copyOf(entries);
    }

    static DumpToc parse(Iterable<String> lines) {
        List<Entry> order = new ArrayList<>();
        for (String line : lines) {
            Matcher entry = ENTRY.matcher(line);
            Matcher depends = DEPENDS.matcher(line);
            if (entry.matches()) {
                String text = entry.group(4);
                order.add(new Entry(
                        Integer.parseInt(entry.group(1)),
                        Long.parseLong(entry.group(2)),
                        Long.parseLong(entry.group(3)),
                        type(text),
                        text,
                        List.of()));
            } else if (depends.matches() && !order.isEmpty()) {
                Entry last = order.remove(order.size() - 1);
                List<Integer> ids = Stream.of(depends.group(1).strip().split(" "))
                        .map(Integer::valueOf)
                        .distinct()
                        .toList();
                order.add(new Entry(last.id, last.catalogue, last.oid, last.type, last.text, ids));
            }
        }
        return new DumpToc(order);
    }

    private static String type(String text) {
        return LONG_TYPES.stream()
                .filter(type -> text.startsWith(type + " "))
                .findFirst()
                .orElseGet(() -> text.split(" ", 2)[0]);
    }
}
