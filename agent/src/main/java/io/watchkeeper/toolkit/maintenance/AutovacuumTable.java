package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A table as autovacuum sees it.
 *
 * @param owned whether this role may change its settings
 * @param rows by the planner's estimate or the statistics, whichever is more
 * @param updates since statistics were reset
 * @param hot those of them that found room beside the row and changed no index
 * @param moved those that had to go to another page; -1 where the server does not count them (before PostgreSQL 16)
 * @param options what is set for the table
 */
record AutovacuumTable(
        TableName name,
        long id,
        boolean owned,
        long rows,
        long updates,
        long hot,
        long moved,
        Map<String, String> options) {

    private static final int FIRST_WITH_MOVED = 160_000;

    private static final String SQL = """
            with recursive tree as (
              select c.oid, c.relkind
                from unnest(?::text[], ?::text[]) w(s, t)
                join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t
              union
              select c.oid, c.relkind from tree t join pg_inherits i on i.inhparent = t.oid join pg_class c on c.oid = i.inhrelid
               where t.relkind = 'p'
            )
            select n.nspname, c.relname, c.oid::bigint, pg_has_role(c.relowner, 'USAGE'),
                   greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid)), pg_stat_get_tuples_updated(c.oid),
                   pg_stat_get_tuples_hot_updated(c.oid), %s, array_to_string(c.reloptions, chr(10))
              from tree t join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r'
             order by 5 desc, 1, 2""";

    /** Largest first; of partitioned tables their partitions, which alone have such settings. */
    static List<AutovacuumTable> read(Session session, ServerFacts server, List<TableName> tables) throws SQLException {
        String moved =
                server.version() >= FIRST_WITH_MOVED ? "pg_stat_get_tuples_newpage_updated(c.oid)" : "-1::bigint";
        return session.list(
                SQL.formatted(moved),
                AutovacuumTable::row,
                tables.stream().map(TableName::schema).toList(),
                tables.stream().map(TableName::name).toList());
    }

    private static AutovacuumTable row(ResultSet row) throws SQLException {
        Map<String, String> options = new HashMap<>();
        String text = row.getString(9);
        for (String option : text == null ? new String[0] : text.split("\n")) {
            int at = option.indexOf('=');
            if (at > 0) {
                options.put(option.substring(0, at), option.substring(at + 1));
            }
        }
        return new AutovacuumTable(
                new TableName(row.getString(1), row.getString(2)),
                row.getLong(3),
                row.getBoolean(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                options);
    }

    boolean isOff() {
        String enabled = options.get("autovacuum_enabled");
        return enabled != null && List.of("false", "off", "no", "0", "f", "n").contains(enabled);
    }
}
