package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads partitioned tables with their partitions: a few statements, however many there are. */
final class PartitionCatalogue {

    /** So many tables are read at once: their partitions are held in memory. */
    private static final int AT_ONCE = 200;

    private static final String ROOTS = """
            select c.oid::bigint, n.nspname, c.relname, p.partstrat::text, p.partnatts, a.attname,
                   coalesce(format_type(a.atttypid, null), ''), pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'),
                   has_schema_privilege(n.oid, 'CREATE'),
                   exists (select from pg_constraint f where f.confrelid = c.oid and f.contype = 'f')
              from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_partitioned_table p on p.partrelid = c.oid
              left join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0] and a.attnum > 0
             where c.relkind = 'p' and not c.relispartition and c.relpersistence <> 't'
               and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'watchkeeper')
             order by 2, 3""";

    private static final String PARTITIONS = """
            select i.inhparent::bigint, c.oid::bigint, n.nspname, c.relname, coalesce(pg_get_expr(c.relpartbound, c.oid), ''),
                   i.inhdetachpending, c.relkind = 'p', c.reltuples::bigint,
                   c.relpages * current_setting('block_size')::bigint
              from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
             where i.inhparent = any (?::bigint[]) order by 3, 4""";

    private PartitionCatalogue() {}

    /** Makes the server write bounds and dates in the one way that is read here. Holds until the session is closed. */
    static void pin(Session session) throws SQLException {
        session.query("select set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO, YMD', false)");
    }

    /**
     * The partitioned tables that are meant, sorted, without their partitions; none where patterns mean none.
     *
     * @throws OperatorException when a name without wildcards is no partitioned table
     */
    static List<PartitionedTable> find(Session session, List<String> patterns) throws SQLException {
        Map<TableName, PartitionedTable> all = new TreeMap<>();
        session.list(ROOTS, PartitionCatalogue::root).forEach(table -> all.put(table.name(), table));
        Set<TableName> meant = new LinkedHashSet<>();
        for (String text : patterns) {
            TablePattern pattern = TablePattern.parse(text);
            List<TableName> found =
                    all.keySet().stream().filter(pattern::matches).toList();
            if (found.isEmpty() && pattern.isName()) {
                throw notPartitioned(session, text);
            }
            meant.addAll(found);
        }
        return meant.stream().sorted().map(all::get).toList();
    }

    /** Says that there is no such table where there is none, else that it is not partitioned. */
    private static OperatorException notPartitioned(Session session, String name) throws SQLException {
        TablePattern.resolve(session, List.of(name), List.of());
        return new OperatorException(
                name + " in database '" + session.database().name() + "' is not a partitioned table",
                "name the table that has the partitions; conversionPlan('"
                        + session.database().name() + "', '" + name
                        + "') { … } says how a plain one becomes partitioned.");
    }

    private static PartitionedTable root(ResultSet row) throws SQLException {
        return new PartitionedTable(
                row.getLong(1),
                new TableName(row.getString(2), row.getString(3)),
                row.getString(4),
                row.getInt(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getBoolean(9),
                row.getBoolean(10),
                row.getBoolean(11),
                List.of());
    }

    /** The same tables with their partitions. */
    static List<PartitionedTable> withPartitions(Session session, List<PartitionedTable> tables) throws SQLException {
        List<PartitionedTable> whole = new ArrayList<>();
        for (int from = 0; from < tables.size(); from += AT_ONCE) {
            List<PartitionedTable> some = tables.subList(from, Math.min(tables.size(), from + AT_ONCE));
            Map<Long, List<Partition>> partitions = new HashMap<>();
            session.list(
                    PARTITIONS,
                    row -> partitions
                            .computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                            .add(partition(row)),
                    some.stream().map(PartitionedTable::oid).toList());
            some.forEach(table -> whole.add(table.with(partitions.getOrDefault(table.oid(), List.of()))));
        }
        return whole;
    }

    static PartitionedTable withPartitions(Session session, PartitionedTable table) throws SQLException {
        return withPartitions(session, List.of(table)).get(0);
    }

    private static Partition partition(ResultSet row) throws SQLException {
        String bound = row.getString(5);
        return new Partition(
                row.getLong(2),
                new TableName(row.getString(3), row.getString(4)),
                bound,
                Span.parse(bound).orElse(null),
                row.getBoolean(6),
                row.getBoolean(7),
                row.getLong(8),
                row.getLong(9));
    }
}
