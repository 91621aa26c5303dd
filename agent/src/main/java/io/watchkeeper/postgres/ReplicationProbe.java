package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;

/** Reads how far replication is behind. Changes nothing. */
public final class ReplicationProbe {

    private ReplicationProbe() {}

    /**
     * How many bytes of log the slowest connected standby or subscriber of this server has not replayed; 0 when none is
     * connected. On a standby: what it has received and not replayed itself.
     *
     * @throws OperatorException when the role may not see it
     */
    public static long maxLagBytes(Session session) throws SQLException {
        Reading reading = session.one("""
                select case when pg_is_in_recovery()
                            then pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                            else (select max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))
                                    from pg_stat_replication where state <> 'backup')
                       end::bigint,
                       exists (select from pg_stat_replication where state is null)""", row -> new Reading(row.getLong(1), row.getBoolean(2)));
        if (reading.hidden) {
            String user = session.database().settings().user();
            throw new OperatorException(
                    "role '" + user + "' may not see the replication state of database '"
                            + session.database().name() + "'",
                    "GRANT pg_monitor TO " + Identifiers.quote(user) + ";");
        }
        return Math.max(0, reading.lag);
    }

    /**
     * @param lag 0 where the server says nothing
     * @param hidden whether there are connections whose state this role may not see
     */
    private record Reading(long lag, boolean hidden) {}
}
