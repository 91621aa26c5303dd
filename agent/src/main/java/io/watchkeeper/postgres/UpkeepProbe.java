package io.watchkeeper.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads how a server keeps its tables in order. Changes nothing, and reads statistics only. */
public final class UpkeepProbe {

    private static final int LARGEST_TABLES = 20;

    private static final String AUTOVACUUM = """
            select current_setting('autovacuum')::boolean,
                   count(a.pid)::int,
                   current_setting('autovacuum_max_workers')::int,
                   coalesce(max(extract(epoch from now() - a.xact_start)), 0)::float8,
                   (array_agg(a.query order by a.xact_start) filter (where a.xact_start is not null))[1],
                   (select max(age(datfrozenxid)) from pg_database)::bigint,
                   current_setting('autovacuum_freeze_max_age')::bigint
              from (select) as one
              left join pg_stat_activity a on a.backend_type = 'autovacuum worker'""";

    /** By the planner's pages, so that no file is looked at. Tables of fewer than 1,000 rows are no bloat anybody would mend. */
    private static final String TABLES = """
            select format('%I.%I', n.nspname, c.relname), c.relpages::bigint * current_setting('block_size')::bigint,
                   s.n_live_tup, s.n_dead_tup
              from pg_stat_user_tables s
              join pg_class c on c.oid = s.relid
              join pg_namespace n on n.oid = c.relnamespace
             where s.n_live_tup + s.n_dead_tup >= 1000
             order by c.relpages desc, 1 limit\s""" + LARGEST_TABLES;

    private UpkeepProbe() {}

    /** Looks once. Empty on a standby: its primary keeps its tables in order. */
    public static Optional<ServerUpkeep> read(Session session, Instant now) throws SQLException {
        if (session.one("select pg_is_in_recovery()", row -> row.getBoolean(1))) {
            return Optional.empty();
        }
        List<ServerUpkeep.Table> tables = session.list(
                TABLES,
                row -> new ServerUpkeep.Table(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4)));
        return Optional.of(session.one(AUTOVACUUM, row -> upkeep(session, now, row, tables)));
    }

    private static ServerUpkeep upkeep(Session session, Instant now, ResultSet row, List<ServerUpkeep.Table> tables)
            throws SQLException {
        String query = row.getString(5);
        return new ServerUpkeep(
                session.database().name(),
                now,
                row.getBoolean(1),
                row.getInt(2),
                row.getInt(3),
                row.getDouble(4),
                query == null ? null : query.replaceFirst("^autovacuum: (VACUUM |ANALYZE )*", ""),
                row.getLong(6),
                row.getLong(7),
                tables);
    }
}
