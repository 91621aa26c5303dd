package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A primary at one moment, as far as it says why a replica may be behind.
 *
 * @param standby true once it is none any more
 * @param timeline as the first eight characters of its segments' names; empty on a standby
 * @param requestedCheckpoints so far, beside those that time asked for
 * @param vacuums that run, the longest first
 * @param costLimit the setting that rules autovacuum's pace, and its value
 */
record PrimaryLook(
        ServerIdentity server,
        boolean standby,
        String timeline,
        String position,
        long requestedCheckpoints,
        List<Vacuum> vacuums,
        List<Sender> senders,
        CostLimit costLimit) {

    /** @param automatic whether autovacuum runs it */
    record Vacuum(String table, String phase, long pages, long scanned, Duration forHowLong, boolean automatic) {}

    /** The process that sends the log. @param waitsFor as pg_stat_activity has it; empty while it works */
    record Sender(
            String application,
            @Nullable String slot,
            @Nullable String address,
            String waitsFor) {}

    record CostLimit(String setting, int value) {}

    private static final int CHECKPOINTER_VIEW_SINCE = 170000;

    private static final String STATE = """
            select pg_is_in_recovery(),
                   case when pg_is_in_recovery() then '' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
                   (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text,
                   current_setting('server_version_num')::int, current_setting('autovacuum_vacuum_cost_limit')::int,
                   current_setting('vacuum_cost_limit')::int""";

    private static final String VACUUMS = """
            select case when p.datname = current_database()
                        then coalesce((select format('%I.%I', n.nspname, c.relname) from pg_class c
                                          join pg_namespace n on n.oid = c.relnamespace where c.oid = p.relid), p.relid::text)
                        else p.datname || '/' || p.relid end,
                   p.phase, coalesce(p.heap_blks_total, 0), coalesce(p.heap_blks_scanned, 0),
                   greatest(0, coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0))::float8,
                   a.backend_type = 'autovacuum worker'
              from pg_stat_progress_vacuum p join pg_stat_activity a on a.pid = p.pid
             order by 5 desc limit 10""";

    private static final String SENDERS = """
            select coalesce(r.application_name, ''), s.slot_name, host(r.client_addr),
                   coalesce(a.wait_event_type || '/' || a.wait_event, '')
              from pg_stat_replication r join pg_stat_activity a on a.pid = r.pid
                   left join pg_replication_slots s on s.active_pid = r.pid""";

    static PrimaryLook at(Session session) throws SQLException {
        ServerIdentity server = ServerIdentity.of(session);
        List<Vacuum> vacuums = session.list(
                VACUUMS,
                row -> new Vacuum(
                        row.getString(1),
                        row.getString(2),
                        row.getLong(3),
                        row.getLong(4),
                        Duration.ofMillis((long) (row.getDouble(5) * 1000)),
                        row.getBoolean(6)));
        List<Sender> senders = session.list(
                SENDERS, row -> new Sender(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
        int[] numbers = new int[3];
        String[] texts = new String[2];
        boolean standby = session.one(STATE, row -> {
            texts[0] = row.getString(2);
            texts[1] = row.getString(3);
            numbers[0] = row.getInt(4);
            numbers[1] = row.getInt(5);
            numbers[2] = row.getInt(6);
            return row.getBoolean(1);
        });
        long requested = session.one(
                numbers[0] >= CHECKPOINTER_VIEW_SINCE
                        ? "select num_requested from pg_stat_checkpointer"
                        : "select checkpoints_req from pg_stat_bgwriter",
                row -> row.getLong(1));
        CostLimit limit = numbers[1] > 0
                ? new CostLimit("autovacuum_vacuum_cost_limit", numbers[1])
                : new CostLimit("vacuum_cost_limit", numbers[2]);
        return new PrimaryLook(server, standby, texts[0], texts[1], requested, vacuums, senders, limit);
    }
}
