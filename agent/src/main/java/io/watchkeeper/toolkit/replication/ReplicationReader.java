package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationSlot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads who gets the log of a server, how far they are, and what slots keep there. Changes nothing. */
public final class ReplicationReader {

    private static final String SERVER = """
            select pg_is_in_recovery(),
                   (case when pg_is_in_recovery() then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                         else pg_current_wal_lsn() end)::text,
                   exists (select from pg_stat_replication where state is null)""";

    private static final String POSITION = """
            with here as (select case when pg_is_in_recovery() then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                                      else pg_current_wal_lsn() end as lsn)
            """;

    private static final String REPLICAS = POSITION + """
            select coalesce(nullif(r.application_name, ''), s.slot_name, host(r.client_addr), r.pid::text) as name,
                   coalesce(s.slot_type, 'physical') = 'logical', r.state, r.sync_state, s.slot_name, host(r.client_addr),
                   pg_wal_lsn_diff(here.lsn, r.sent_lsn)::bigint, pg_wal_lsn_diff(here.lsn, r.write_lsn)::bigint,
                   pg_wal_lsn_diff(here.lsn, r.flush_lsn)::bigint, pg_wal_lsn_diff(here.lsn, r.replay_lsn)::bigint,
                   extract(epoch from r.replay_lag)::float8
              from here, pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
             where r.state <> 'backup'
             order by 1""";

    private static final String SLOTS = POSITION + """
            select s.slot_name, s.slot_type = 'logical', s.active,
                   greatest(pg_wal_lsn_diff(here.lsn, s.restart_lsn), 0)::bigint, coalesce(s.wal_status, ''),
                   coalesce(s.safe_wal_size, -1)
              from here, pg_replication_slots s
             order by 1""";

    private final Database database;
    private final Work work;
    private final Clock clock;

    public ReplicationReader(Database database, Work work, Clock clock) {
        this.database = database;
        this.work = work;
        this.clock = clock;
    }

    /**
     * Looks once, in one round trip.
     *
     * @throws OperatorException when the role may not see it
     */
    public ReplicatingServer read() throws SQLException {
        try (Session session = database.open(work)) {
            return read(session);
        }
    }

    private ReplicatingServer read(Session session) throws SQLException {
        Instant now = clock.instant();
        boolean[] facts = new boolean[2];
        String position = session.one(SERVER, row -> {
            facts[0] = row.getBoolean(1);
            facts[1] = row.getBoolean(3);
            return row.getString(2);
        });
        if (facts[1]) {
            throw hidden();
        }
        List<Replica> replicas = session.list(REPLICAS, row -> replica(row, now));
        List<ReplicationSlot> slots = session.list(SLOTS, row -> slot(row, now));
        return new ReplicatingServer(
                database.name(), now, facts[0], position, replicas, slots, -1, null, null, Map.of(), null);
    }

    private static Replica replica(ResultSet row, Instant now) throws SQLException {
        LagBytes bytes = new LagBytes(bytes(row, 7), bytes(row, 8), bytes(row, 9), bytes(row, 10));
        double seconds = row.getDouble(11);
        boolean measured = !row.wasNull();
        return new Replica(
                row.getString(1),
                kind(row.getBoolean(2)),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                bytes,
                bytes.replay() == 0 ? 0 : measured ? seconds : -1,
                now);
    }

    private static ReplicationSlot slot(ResultSet row, Instant now) throws SQLException {
        boolean active = row.getBoolean(3);
        @Nullable Instant inactiveSince = active ? null : now;
        return new ReplicationSlot(
                row.getString(1),
                kind(row.getBoolean(2)),
                active,
                inactiveSince,
                row.getLong(4),
                row.getString(5),
                row.getLong(6),
                null);
    }

    private static Replica.Kind kind(boolean logical) {
        return logical ? Replica.Kind.LOGICAL : Replica.Kind.PHYSICAL;
    }

    private static long bytes(ResultSet row, int column) throws SQLException {
        long bytes = row.getLong(column);
        return row.wasNull() ? LagBytes.UNKNOWN : Math.max(0, bytes);
    }

    private OperatorException hidden() {
        String user = database.settings().user();
        return new OperatorException(
                "role '" + user + "' may not see the replication state of database '" + database.name() + "'",
                "GRANT pg_monitor TO " + Identifiers.quote(user) + ";");
    }
}
