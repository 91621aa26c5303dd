package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.util.List;

/**
 * What the server's statistics say about one table.
 *
 * @param rows by the planner's estimate; -1 when there is none
 * @param bytes with indexes and TOAST
 */
record TableStatistics(TableName table, long rows, long liveTuples, long deadTuples, long bytes) {

    /** The tables' statistics in the order of the names; those that are gone are left out. */
    static List<TableStatistics> read(Session session, List<TableName> tables) throws SQLException {
        return session.list(
                """
                select n.nspname, c.relname, c.reltuples::bigint, coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0),
                       coalesce((select sum(relpages) from pg_class r where r.oid in (c.oid, c.reltoastrelid)
                                  or r.oid in (select indexrelid from pg_index where indrelid in (c.oid, c.reltoastrelid))), 0)
                         * current_setting('block_size')::bigint
                  from unnest(?::text[], ?::text[]) with ordinality w(s, t, position)
                  join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t
                  left join pg_stat_all_tables s on s.relid = c.oid
                 order by w.position""",
                row -> new TableStatistics(
                        new TableName(row.getString(1), row.getString(2)),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6)),
                tables.stream().map(TableName::schema).toList(),
                tables.stream().map(TableName::name).toList());
    }

    /** What the table takes on disk at this moment. Waits for the table's lock, as the statements here do. */
    static long size(Session session, TableName table) throws SQLException {
        return session.one("select pg_total_relation_size(?::regclass)", row -> row.getLong(1), table.quoted());
    }

    Ratio deadShare() {
        long all = liveTuples + deadTuples;
        return new Ratio(all == 0 ? 0 : (double) deadTuples / all);
    }
}
