package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Ratio;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * What the server's statistics say about one table. Nothing here is read from the table itself, and no lock is waited for.
 *
 * @param root number of the partitioned table that was named for it; its own where it was named itself
 * @param partitioned whether it has no rows of its own
 * @param allowed whether this role may vacuum and analyze it
 * @param rows by the planner's estimate; -1 when there is none
 * @param changed rows written since it was last analyzed
 * @param analyzedAt by a command, in seconds since 1970; 0 for never, or not since statistics were reset
 * @param autoAnalyzedAt by autovacuum, likewise
 * @param xidAge transactions since its oldest row that is not frozen, that of its TOAST table if it is older
 * @param multixactAge the same in multixacts
 * @param bytes with indexes and TOAST, by the planner's pages
 * @param heapBytes without them
 */
record TableStatistics(
        TableName table,
        long id,
        long root,
        boolean partitioned,
        boolean allowed,
        long rows,
        Rows own,
        Rows toast,
        long changed,
        double analyzedAt,
        double autoAnalyzedAt,
        long xidAge,
        long multixactAge,
        long bytes,
        long heapBytes) {

    /** Rows that are seen, and rows that only take room. */
    record Rows(long live, long dead) {
        Ratio deadShare() {
            long all = live + dead;
            return new Ratio(all == 0 ? 0 : (double) dead / all);
        }
    }

    /** Who may, from PostgreSQL 17 on and before. */
    private static final String MAINTAIN_RIGHT = "has_table_privilege(c.oid, 'MAINTAIN')";

    private static final String OWNERS_RIGHT = "(pg_has_role(c.relowner, 'USAGE') or pg_has_role("
            + "(select datdba from pg_database where datname = current_database()), 'USAGE'))";

    private static final String TREE = """
            with recursive meant as (
              select c.oid, c.relkind, c.oid as root
                from unnest(?::text[], ?::text[]) w(s, t)
                join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t
            ), tree as (
              select oid, relkind, root from meant
              union
              select c.oid, c.relkind, t.root
                from tree t join pg_inherits i on i.inhparent = t.oid join pg_class c on c.oid = i.inhrelid
               where t.relkind = 'p' and c.relkind in ('r', 'p')
            ), pages as (
              select i.indrelid as id, sum(x.relpages) as n from pg_index i join pg_class x on x.oid = i.indexrelid group by 1
            )
            select n.nspname, c.relname, c.oid::bigint, t.root::bigint, c.relkind = 'p', %s, c.reltuples::bigint,
                   pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid),
                   coalesce(pg_stat_get_live_tuples(o.oid), 0), coalesce(pg_stat_get_dead_tuples(o.oid), 0),
                   pg_stat_get_mod_since_analyze(c.oid),
                   coalesce(extract(epoch from pg_stat_get_last_analyze_time(c.oid)), 0)::float8,
                   coalesce(extract(epoch from pg_stat_get_last_autoanalyze_time(c.oid)), 0)::float8,
                   case when c.relkind = 'p' then 0 else greatest(age(c.relfrozenxid), age(o.relfrozenxid)) end::bigint,
                   case when c.relkind = 'p' then 0 else greatest(mxid_age(c.relminmxid), mxid_age(o.relminmxid)) end::bigint,
                   (c.relpages + coalesce(o.relpages, 0) + coalesce(p.n, 0) + coalesce(op.n, 0))::bigint * b.size,
                   c.relpages * b.size
              from tree t
              join pg_class c on c.oid = t.oid
              join pg_namespace n on n.oid = c.relnamespace
              left join pg_class o on o.oid = c.reltoastrelid
              left join pages p on p.id = c.oid
              left join pages op on op.id = o.oid
             cross join (select current_setting('block_size')::bigint) b(size)
             order by n.nspname, c.relname""";

    /** The tables' statistics by name, those of partitions with them; tables that are gone are left out. */
    static List<TableStatistics> read(Session session, ServerFacts server, List<TableName> tables) throws SQLException {
        return session.list(
                TREE.formatted(server.hasMaintainRight() ? MAINTAIN_RIGHT : OWNERS_RIGHT),
                TableStatistics::row,
                tables.stream().map(TableName::schema).toList(),
                tables.stream().map(TableName::name).toList());
    }

    private static TableStatistics row(ResultSet row) throws SQLException {
        return new TableStatistics(
                new TableName(row.getString(1), row.getString(2)),
                row.getLong(3),
                row.getLong(4),
                row.getBoolean(5),
                row.getBoolean(6),
                row.getLong(7),
                new Rows(row.getLong(8), row.getLong(9)),
                new Rows(row.getLong(10), row.getLong(11)),
                row.getLong(12),
                row.getDouble(13),
                row.getDouble(14),
                row.getLong(15),
                row.getLong(16),
                row.getLong(17),
                row.getLong(18));
    }

    long deadTuples() {
        return own.dead();
    }
}
