package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A standby from its own end, at one moment.
 *
 * @param standby false once it was promoted
 * @param behindBytes received and not replayed
 * @param behindSeconds since what it replayed last was committed; negative when nothing was replayed yet
 * @param receiver null when there is none
 * @param waits what the process that replays waited for at a few moments one after the other; empty texts where it worked
 * @param snapshotHolders sessions whose snapshot may be in replay's way, the oldest first
 * @param holdersDatabases in how many databases those are; replay waits for the sessions of one, and does not say which
 * @param lockHolders sessions that hold a lock which replay waits for
 * @param conflicts queries that were cancelled in favour of replay so far
 */
record StandbyLook(
        ServerIdentity server,
        boolean standby,
        boolean paused,
        @Nullable String received,
        @Nullable String replayed,
        long behindBytes,
        double behindSeconds,
        @Nullable Receiver receiver,
        boolean feedback,
        String maxDelay,
        long applyDelayMs,
        String slot,
        List<String> waits,
        List<Blocker> snapshotHolders,
        long holdersDatabases,
        List<Blocker> lockHolders,
        long conflicts) {

    /**
     * @param silentSeconds since it heard from the primary; negative when nobody says
     * @param keepSeconds after which silence ends it, as wal_receiver_timeout says
     */
    record Receiver(int pid, String status, String from, double silentSeconds, double keepSeconds) {}

    private static final int SAMPLES = 4;
    private static final String BETWEEN = "select pg_sleep(0.03)";

    private static final String STATE = """
            select case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end,
                   pg_is_in_recovery(), pg_last_wal_receive_lsn()::text, pg_last_wal_replay_lsn()::text,
                   greatest(0, coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0))::bigint,
                   coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), -1)::float8,
                   r.pid, coalesce(r.status, ''), coalesce(r.sender_host || ':' || r.sender_port, ''),
                   coalesce(extract(epoch from clock_timestamp() - r.last_msg_receipt_time), -1)::float8,
                   (select setting::float8 / 1000 from pg_settings where name = 'wal_receiver_timeout'),
                   current_setting('hot_standby_feedback')::boolean, current_setting('max_standby_streaming_delay'),
                   (select setting::bigint from pg_settings where name = 'recovery_min_apply_delay'),
                   current_setting('primary_slot_name'),
                   (select count(distinct datid) from pg_stat_activity
                     where backend_type = 'client backend' and backend_xmin is not null and pid <> pg_backend_pid()),
                   (select coalesce(sum(confl_tablespace + confl_lock + confl_snapshot + confl_bufferpin + confl_deadlock), 0)
                      from pg_stat_database_conflicts)::bigint
              from (select 1) one left join pg_stat_wal_receiver r on true""";

    private static final String WAIT = """
            select coalesce(wait_event_type || '/' || wait_event, ''), pg_stat_clear_snapshot()::text
              from pg_stat_activity where backend_type = 'startup'""";

    private static final String SNAPSHOT_HOLDERS = "select " + Blocker.COLUMNS + """
            , '' from pg_stat_activity a
             where a.backend_type = 'client backend' and a.backend_xmin is not null and a.pid <> pg_backend_pid()
             order by age(a.backend_xmin) desc, a.xact_start limit 20""";

    private static final String LOCK_HOLDERS = "select distinct on (a.xact_start, a.pid) " + Blocker.COLUMNS + """
            , case when w.relation is null then w.locktype
                   when w.database = (select oid from pg_database where datname = current_database())
                       then coalesce((select format('%I.%I', n.nspname, c.relname) from pg_class c
                                         join pg_namespace n on n.oid = c.relnamespace where c.oid = w.relation), w.relation::text)
                   else w.relation::text end
              from pg_stat_activity s
                   join pg_locks w on w.pid = s.pid and not w.granted
                   join pg_locks h on h.granted and h.pid <> w.pid and h.locktype = w.locktype
                                  and h.database is not distinct from w.database
                                  and h.relation is not distinct from w.relation
                                  and h.classid is not distinct from w.classid and h.objid is not distinct from w.objid
                   join pg_stat_activity a on a.pid = h.pid and a.backend_type = 'client backend'
             where s.backend_type = 'startup'
             order by a.xact_start, a.pid limit 20""";

    static StandbyLook at(Session session) throws SQLException {
        ServerIdentity server = ServerIdentity.of(session);
        List<String> waits = new ArrayList<>();
        List<String> looks = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            looks.add(WAIT);
            looks.add(BETWEEN);
        }
        List<List<String>> seen = session.lists(looks, row -> String.valueOf(row.getString(1)));
        for (int i = 0; i < seen.size(); i += 2) {
            waits.addAll(seen.get(i));
        }
        List<Blocker> snapshots = session.list(SNAPSHOT_HOLDERS, Blocker::read);
        List<Blocker> locks = session.list(LOCK_HOLDERS, Blocker::read);
        return session.one(STATE, row -> read(row, server, waits, snapshots, locks));
    }

    private static StandbyLook read(
            ResultSet row, ServerIdentity server, List<String> waits, List<Blocker> snapshots, List<Blocker> locks)
            throws SQLException {
        int pid = row.getInt(7);
        Receiver receiver = row.wasNull()
                ? null
                : new Receiver(pid, row.getString(8), row.getString(9), row.getDouble(10), row.getDouble(11));
        return new StandbyLook(
                server,
                row.getBoolean(2),
                row.getBoolean(1),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getDouble(6),
                receiver,
                row.getBoolean(12),
                row.getString(13),
                row.getLong(14),
                row.getString(15),
                waits,
                snapshots,
                row.getLong(16),
                locks,
                row.getLong(17));
    }

    /** In how many of the moments replay waited for something like it, from 0 to 1. */
    double waitsFor(String prefix) {
        return waits.isEmpty()
                ? 0
                : waits.stream().filter(wait -> wait.startsWith(prefix)).count() / (double) waits.size();
    }
}
