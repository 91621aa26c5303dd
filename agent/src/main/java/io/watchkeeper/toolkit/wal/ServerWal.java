package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a server is with its log, and with one slot. One statement, so that it may be asked every few seconds.
 *
 * @param major its version's first part
 * @param end the log is on the server's disk up to here
 * @param slot null when there is none of this name
 * @param heard what a standby was last told by the server that it follows; null on a primary, and where it is told nothing
 */
record ServerWal(
        String systemId,
        int major,
        boolean standby,
        long segmentSize,
        long timeline,
        Lsn end,
        @Nullable Slot slot,
        @Nullable Heard heard) {

    /** Until that long ago, everything that was written there is before this position. */
    record Heard(Duration ago, Lsn end) {}

    /**
     * @param restart the server keeps its log from here on; null when the slot keeps none
     * @param retained in bytes, by the server's own count
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
     * @param pid of the server's process that serves it; null when nobody does
     * @param servedTo the application_name of whoever reads it; null when nobody does, or when the role may not see it
     * @param address where that is
     * @param flushed the reader says that it has everything on disk up to here; null when it has not said so yet
     */
    record Slot(
            boolean physical,
            @Nullable Lsn restart,
            long retained,
            @Nullable String walStatus,
            @Nullable Long pid,
            @Nullable String servedTo,
            @Nullable String address,
            @Nullable Lsn flushed) {

        boolean isActive() {
            return pid != null;
        }

        boolean isLost() {
            return "lost".equals(walStatus) || restart == null;
        }
    }

    // Functions that must not be called in recovery, or out of it, stand behind a CASE.
    private static final String SQL = """
            select (select system_identifier::text from pg_control_system()),
                   current_setting('server_version_num')::int / 10000,
                   s.standby,
                   (select setting::bigint from pg_settings where name = 'wal_segment_size'),
                   case when s.standby
                        then coalesce((select received_tli from pg_stat_wal_receiver),
                                      (select timeline_id from pg_control_checkpoint()))::bigint
                        else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint end,
                   s.ends,
                   slot.slot_name is not null,
                   slot.slot_type = 'physical',
                   slot.restart_lsn::text,
                   greatest(0, coalesce(pg_wal_lsn_diff(s.ends, slot.restart_lsn), 0))::bigint,
                   slot.wal_status,
                   slot.active_pid,
                   reader.application_name,
                   coalesce(host(reader.client_addr), 'a local socket'),
                   reader.flush_lsn::text,
                   source.seconds,
                   source.ends
              from (select r as standby,
                           case when r then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                                else pg_current_wal_flush_lsn() end as ends
                      from (select pg_is_in_recovery() as r) as recovery) as s
              left join pg_replication_slots as slot on slot.slot_name = ?
              left join pg_stat_replication as reader on reader.pid = slot.active_pid
              left join (select extract(epoch from clock_timestamp() - last_msg_receipt_time)::float8 as seconds,
                                latest_end_lsn::text as ends
                           from pg_stat_wal_receiver
                          where status = 'streaming') as source on s.standby""";

    static ServerWal read(Session session, String slotName) throws SQLException {
        return session.one(SQL, ServerWal::of, slotName);
    }

    private static ServerWal of(ResultSet row) throws SQLException {
        Slot slot = !row.getBoolean(7)
                ? null
                : new Slot(
                        row.getBoolean(8),
                        lsn(row.getString(9)),
                        row.getLong(10),
                        row.getString(11),
                        row.getObject(12) == null ? null : row.getLong(12),
                        row.getString(13),
                        row.getString(14),
                        lsn(row.getString(15)));
        Lsn end = lsn(row.getString(6));
        Lsn told = lsn(row.getString(17));
        Heard heard = told == null || row.getObject(16) == null
                ? null
                : new Heard(Duration.ofMillis((long) Math.ceil(row.getDouble(16) * 1_000)), told);
        return new ServerWal(
                row.getString(1),
                row.getInt(2),
                row.getBoolean(3),
                row.getLong(4),
                row.getLong(5),
                end == null ? new Lsn(0) : end,
                slot,
                heard);
    }

    private static @Nullable Lsn lsn(@Nullable String text) {
        return text == null ? null : Lsn.parse(text).orElse(null);
    }

    /** What the archive has not; of a reader that has not said how far it is, everything that the slot keeps. */
    long lag() {
        if (slot == null) {
            return 0;
        }
        return slot.flushed() == null ? slot.retained() : Math.max(0, end.minus(slot.flushed()));
    }

    WalSegment segmentAt(Lsn position) {
        return WalSegment.at(timeline, position, segmentSize);
    }
}
