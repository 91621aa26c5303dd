package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot as its server shows it.
 *
 * @param here whether it belongs to this database
 * @param active whether somebody reads it now
 * @param restart from where the log is kept; null when it is lost
 * @param confirmed what the reader has, durably
 * @param walStatus reserved, extended, unreserved or lost
 * @param now the end of the log
 * @param since when its statistics were reset; null when never since it was made, or since the server crashed
 * @param statisticsSince since when the server has statistics
 */
record SlotState(
        String name,
        String plugin,
        boolean here,
        boolean active,
        @Nullable Lsn restart,
        @Nullable Lsn confirmed,
        String walStatus,
        Lsn now,
        @Nullable String since,
        String statisticsSince) {

    static final String PLUGIN = "pgoutput";

    private static final int RELEASED_WITHIN_TENTHS = 100;

    static Optional<SlotState> read(Session source, String name) throws SQLException {
        return source
                .list(
                        """
                select s.slot_name, coalesce(s.plugin, ''), s.database is not distinct from current_database(), s.active,
                       s.restart_lsn::text, s.confirmed_flush_lsn::text, coalesce(s.wal_status, 'lost'),
                       pg_current_wal_lsn()::text, r.stats_reset::text, (select stats_reset::text from pg_stat_wal)
                  from pg_replication_slots s left join pg_stat_replication_slots r on r.slot_name = s.slot_name
                 where s.slot_name = ?""",
                        row -> new SlotState(
                                row.getString(1),
                                row.getString(2),
                                row.getBoolean(3),
                                row.getBoolean(4),
                                StreamLedger.lsn(row.getString(5)),
                                StreamLedger.lsn(row.getString(6)),
                                row.getString(7),
                                Lsn.parse(row.getString(8)).orElseThrow(),
                                row.getString(9),
                                String.valueOf(row.getString(10))),
                        name)
                .stream()
                .findFirst();
    }

    static void create(Session source, String name) throws SQLException {
        source.query("select pg_create_logical_replication_slot(?, ?)", name, PLUGIN);
    }

    /**
     * Drops the slot if it is there, and those of tables that were being copied. Waits a little for a reader that is just ending.
     *
     * @return false when somebody reads it
     */
    static boolean drop(Session source, String name, long subscriptionId) throws SQLException {
        String copying = "pg\\_" + subscriptionId + "\\_sync\\_%";
        for (int i = 0; ; i++) {
            try {
                List<String> dropped = source.list(
                        "select slot_name::text, pg_drop_replication_slot(slot_name) from pg_replication_slots"
                                + " where slot_name = ? or (? > 0 and slot_name like ? and database = current_database()"
                                + " and not active)",
                        row -> row.getString(1),
                        name,
                        subscriptionId,
                        copying);
                return dropped != null;
            } catch (SQLException e) {
                if (!SqlStates.OBJECT_IN_USE.equals(e.getSQLState())) {
                    throw e;
                }
                if (i == RELEASED_WITHIN_TENTHS) {
                    return false;
                }
                source.query("select pg_sleep(0.1)");
            }
        }
    }

    /** How far its reader is behind. */
    Bytes lag() {
        return new Bytes(confirmed == null ? 0 : Math.max(0, now.minus(confirmed)));
    }

    /** How much log it keeps on the source's disk. */
    Bytes retained() {
        return new Bytes(restart == null ? 0 : Math.max(0, now.minus(restart)));
    }

    boolean isLost() {
        return walStatus.equals("lost") || restart == null;
    }
}
