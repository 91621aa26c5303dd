package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.NamePattern;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The tables, views and sequences that a dump takes, as the source's catalogue has them now. */
final class SourceRelations {

    private static final String READ = """
            select c.oid::bigint, n.nspname, c.relname, c.relkind::text, c.relpersistence::text,
                   case when c.relkind <> 'r' then 0 else %s end,
                   (select inhparent::bigint from pg_inherits where inhrelid = c.oid and c.relispartition),
                   has_schema_privilege(n.oid, 'usage'),
                   case when c.relkind = 'S' then has_sequence_privilege(c.oid, 'select')
                        else has_table_privilege(c.oid, 'select') end,
                   c.relkind in ('r', 'p') and row_security_active(c.oid)
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relpersistence <> 't'
               and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
               and not exists (select from pg_depend d
                                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
             order by n.nspname, c.relname""";

    /** It waits for whoever has a table locked. */
    private static final String EXACT_SIZE = "pg_table_size(c.oid)";

    private static final String ESTIMATED_SIZE = "c.relpages::bigint * current_setting('block_size')::int";

    /** A relation, and what the role may do with it. */
    private record Row(DumpedRelation relation, boolean schema, boolean select, boolean hidesRows) {}

    private final DumpSelection selection;
    private final List<Row> chosen;

    /** What the patterns mean only as partitions of what they name: pg_dump has to be told each of them. */
    private final List<DumpedRelation> throughParents;

    private final List<DumpedRelation> excludedThroughParents;

    private SourceRelations(
            DumpSelection selection,
            List<Row> chosen,
            List<DumpedRelation> throughParents,
            List<DumpedRelation> excludedThroughParents) {
        this.selection = selection;
        this.chosen = chosen;
        this.throughParents = throughParents;
        this.excludedThroughParents = excludedThroughParents;
    }

    /**
     * Reads them.
     *
     * @param standby whether unlogged tables have no rows here
     * @param exact whether sizes are measured, which waits for locked tables; else they are as statistics have them
     * @throws OperatorException when a name does not exist, or nothing is meant
     */
    static SourceRelations read(Session session, DumpSelection selection, boolean standby, boolean exact)
            throws SQLException {
        String sql = READ.formatted(exact ? EXACT_SIZE : ESTIMATED_SIZE);
        List<Row> all = session.listVerbatim(sql, row -> {
            Long parent = row.getObject(7) == null ? null : Long.valueOf(row.getLong(7));
            boolean rows = row.getString(4).equals("r")
                    && !selection.schemaOnly()
                    && !(standby && row.getString(5).equals("u"));
            return new Row(
                    new DumpedRelation(
                            row.getLong(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getLong(6),
                            parent,
                            rows,
                            null),
                    row.getBoolean(8),
                    row.getBoolean(9),
                    row.getBoolean(10));
        });
        Map<Long, DumpedRelation> byOid = new HashMap<>();
        all.forEach(row -> byOid.put(row.relation.oid(), row.relation));
        requireNames(session, selection, all);
        Predicate<DumpedRelation> wanted = matching(selection.tables());
        Predicate<DumpedRelation> unwanted = matching(selection.exclude());
        List<NamePattern> schemas =
                selection.schemas().stream().map(NamePattern::parse).toList();
        List<Row> chosen = new ArrayList<>();
        List<DumpedRelation> through = new ArrayList<>();
        List<DumpedRelation> excluded = new ArrayList<>();
        for (Row row : all) {
            List<DumpedRelation> line = DumpContents.lineage(byOid, row.relation);
            boolean named = selection.tables().isEmpty()
                    ? schemas.isEmpty() || schemas.stream().anyMatch(s -> s.matches(row.relation.schema()))
                    : line.stream().anyMatch(wanted);
            if (!named) {
                continue;
            }
            if (line.stream().anyMatch(unwanted)) {
                if (!unwanted.test(row.relation)) {
                    excluded.add(row.relation);
                }
                continue;
            }
            chosen.add(row);
            if (!selection.tables().isEmpty() && !wanted.test(row.relation)) {
                through.add(row.relation);
            }
        }
        if (chosen.isEmpty() && !selection.tables().isEmpty()) {
            throw new OperatorException(
                    "no table of database '" + session.database().name() + "' is meant by " + selection,
                    "patterns are schema.table, for example public.*.");
        }
        return new SourceRelations(selection, chosen, through, excluded);
    }

    private static Predicate<DumpedRelation> matching(List<String> patterns) {
        List<TablePattern> parsed = patterns.stream().map(TablePattern::parse).toList();
        return relation -> parsed.stream().anyMatch(pattern -> pattern.matches(relation.tableName()));
    }

    /** pg_dump takes a name that does not exist for a pattern that matches nothing. */
    private static void requireNames(Session session, DumpSelection selection, List<Row> all) throws SQLException {
        String where = " in database '" + session.database().name() + "'";
        for (String text : selection.tables()) {
            TablePattern pattern = TablePattern.parse(text);
            if (pattern.isName() && all.stream().noneMatch(row -> pattern.matches(row.relation.tableName()))) {
                throw new OperatorException(
                        "there is no table " + text + where,
                        "names are folded to lower case unless they are in double quotes; patterns have a *.");
            }
        }
        List<String> schemas = session.list("select nspname from pg_namespace", row -> row.getString(1));
        for (String text : selection.schemas()) {
            NamePattern pattern = NamePattern.parse(text);
            if (schemas.stream().noneMatch(pattern::matches)) {
                throw new OperatorException(
                        "there is no schema " + text + where,
                        "it has: "
                                + String.join(
                                        ", ",
                                        schemas.stream()
                                                .filter(s -> !s.startsWith("pg_"))
                                                .toList())
                                + ".");
            }
        }
    }

    List<DumpedRelation> relations() {
        return chosen.stream().map(Row::relation).toList();
    }

    /** What pg_dump locks, and what must be locked before the snapshot is taken. */
    List<TableName> tables() {
        return chosen.stream()
                .map(Row::relation)
                .filter(relation ->
                        relation.kind().equals("r") || relation.kind().equals("p"))
                .map(DumpedRelation::tableName)
                .toList();
    }

    /**
     * pg_dump would fail at the first of them, perhaps hours after it began.
     *
     * @throws OperatorException when the role may not read one of them, or not all of its rows
     */
    void requireRights(String database, String role) {
        List<DumpedRelation> unreadable = where(
                row -> !(row.schema && row.select) && List.of("r", "p", "S").contains(row.relation.kind()));
        String quoted = Identifiers.quote(role);
        if (!unreadable.isEmpty()) {
            throw new OperatorException(
                    "role '" + role + "' may not read " + DumpContents.someNames(unreadable) + " of database '"
                            + database + "'",
                    "GRANT pg_read_all_data TO " + quoted + "; or leave them out with 'exclude'.");
        }
        List<DumpedRelation> hidden =
                selection.schemaOnly() ? List.of() : where(row -> row.hidesRows && row.relation.rows());
        if (!hidden.isEmpty()) {
            throw new OperatorException(
                    "row-level security hides rows of " + DumpContents.someNames(hidden) + " from role '" + role
                            + "', and a dump without them would be none",
                    "ALTER ROLE " + quoted + " BYPASSRLS; or dump as the owner of the tables.");
        }
    }

    private List<DumpedRelation> where(Predicate<Row> condition) {
        return chosen.stream().filter(condition).map(Row::relation).toList();
    }

    /** What tells pg_dump to take just these. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        selection
                .tables()
                .forEach(p -> arguments.add("--table=" + TablePattern.parse(p).psql()));
        throughParents.forEach(relation -> arguments.add("--table=" + exactly(relation)));
        selection
                .schemas()
                .forEach(s -> arguments.add("--schema=" + NamePattern.parse(s).psql()));
        selection
                .exclude()
                .forEach(p ->
                        arguments.add("--exclude-table=" + TablePattern.parse(p).psql()));
        excludedThroughParents.forEach(relation -> arguments.add("--exclude-table=" + exactly(relation)));
        if (selection.schemaOnly()) {
            arguments.add("--schema-only");
        }
        if (selection.dataOnly()) {
            arguments.add("--data-only");
        }
        return arguments;
    }

    private static String exactly(DumpedRelation relation) {
        return quoted(relation.schema()) + "." + quoted(relation.name());
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
