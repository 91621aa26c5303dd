package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds who keeps old rows from being removed from the tables of a database: transactions, prepared ones, slots, and queries on
 * standbys that tell the primary of them. One statement; needs {@code pg_read_all_stats} to see sessions of others.
 */
final class XminHolders {

    /** Sessions of other databases are no reason here; VACUUMs and those that have neither number keep nothing. */
    private static final String SQL = """
            select 'TRANSACTION', a.pid::text, coalesce(a.backend_xmin, a.backend_xid)::text,
                   greatest(age(a.backend_xmin), age(a.backend_xid))::bigint,
                   extract(epoch from clock_timestamp() - a.xact_start)::float8, a.usename::text, a.application_name, a.state,
                   host(a.client_addr), false, false
              from pg_stat_activity a
             where (a.backend_xmin is not null or a.backend_xid is not null) and a.datname = current_database()
               and a.pid <> pg_backend_pid() and a.backend_type <> 'walsender'
               and not exists (select from pg_stat_progress_vacuum v where v.pid = a.pid)
            union all
            select 'PREPARED', gid, transaction::text, age(transaction)::bigint,
                   extract(epoch from clock_timestamp() - prepared)::float8, owner::text, '', '', null, false, false
              from pg_prepared_xacts where database = current_database()
            union all
            select case when s.slot_type = 'physical' and s.active then 'STANDBY' else 'SLOT' end, s.slot_name::text,
                   x.xmin::text, age(x.xmin)::bigint, -1, r.usename::text, coalesce(r.application_name, ''), s.slot_type,
                   host(r.client_addr), x.catalog_only, s.active
              from pg_replication_slots s
              left join pg_stat_replication r on r.pid = s.active_pid
             cross join lateral (values (s.xmin, false), (case when s.xmin is null then s.catalog_xmin end, true)) x(xmin, catalog_only)
             where x.xmin is not null and (s.database is null or s.database = current_database())
            union all
            select 'STANDBY', r.application_name, r.backend_xmin::text, age(r.backend_xmin)::bigint, -1, r.usename::text,
                   r.application_name, r.pid::text, host(r.client_addr), false, true
              from pg_stat_replication r
             where r.backend_xmin is not null and not exists (select from pg_replication_slots s where s.active_pid = r.pid)
             order by 4 desc""";

    private XminHolders() {}

    /** Everybody who holds back something, the oldest first. */
    static List<XminHolder> read(Session session) throws SQLException {
        return session.listVerbatim(SQL, XminHolders::holder);
    }

    private static XminHolder holder(ResultSet row) throws SQLException {
        XminHolder.Kind kind = XminHolder.Kind.valueOf(row.getString(1));
        String name = row.getString(2);
        return new XminHolder(
                kind,
                name,
                row.getString(3),
                row.getLong(4),
                row.getDouble(5),
                row.getBoolean(10),
                words(kind, name, row),
                remedy(kind, name, row));
    }

    private static String words(XminHolder.Kind kind, String name, ResultSet row) throws SQLException {
        String who = row.getString(6) + named(row.getString(7)) + at(row.getString(9));
        return switch (kind) {
            case TRANSACTION -> "the transaction of pid " + name + " (" + who + ", " + row.getString(8) + ") began";
            case PREPARED -> "the prepared transaction '" + name + "' of " + row.getString(6) + " was prepared";
            case SLOT ->
                "the slot " + name + " (" + row.getString(8) + ", "
                        + (row.getBoolean(11) ? "in use" : "nobody reads it") + ") needs "
                        + (row.getBoolean(10) ? "catalogs" : "rows") + " as of";
            case STANDBY ->
                row.getString(8).equals("physical")
                        ? "a query on a standby (" + who + ", through slot " + name + ") needs rows as of"
                        : "a query on standby '" + name + "' (" + who + ", walsender pid " + row.getString(8)
                                + ") needs rows as of";
        };
    }

    private static String remedy(XminHolder.Kind kind, String name, ResultSet row) throws SQLException {
        return switch (kind) {
            case TRANSACTION -> "SELECT pg_terminate_backend(" + name + ");";
            case PREPARED ->
                "ROLLBACK PREPARED " + Identifiers.quoteLiteral(name).strip()
                        + "; -- or COMMIT PREPARED, whichever was meant";
            case SLOT ->
                row.getBoolean(11)
                        ? "-- let its reader go on: what it has confirmed is not kept"
                        : "SELECT pg_drop_replication_slot("
                                + Identifiers.quoteLiteral(name).strip() + "); -- if its reader never comes back";
            case STANDBY ->
                "-- on the standby: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state <> 'idle' ORDER BY xact_start"
                        + " LIMIT 1; or ALTER SYSTEM SET hot_standby_feedback = off; SELECT pg_reload_conf();";
        };
    }

    private static String named(@Nullable String application) {
        return application == null || application.isEmpty() ? "" : ", '" + application + "'";
    }

    private static String at(@Nullable String address) {
        return address == null ? "" : ", from " + address;
    }
}
