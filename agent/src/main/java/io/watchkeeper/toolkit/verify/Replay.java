package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Waits for a server that replays what the other one writes: a standby, or the subscriber of a publication. */
final class Replay {

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String OF_STANDBY = "select pg_last_wal_replay_lsn()::text";

    private static final String OF_SUBSCRIPTION = """
            select max(s.latest_end_lsn)::text from pg_stat_subscription s join pg_subscription_rel r on r.srsubid = s.subid
             where r.srrelid = to_regclass(?)""";

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final boolean subscribes;

    Replay(SessionPair pair, PreparedVerification plan) throws SQLException {
        this.pair = pair;
        this.plan = plan;
        this.subscribes = !plan.sameCluster()
                && pair.target()
                        .one(
                                "select exists (select from pg_subscription_rel where srrelid = to_regclass(?))",
                                row -> row.getBoolean(1),
                                plan.there().shape().name().quoted());
    }

    /** Whether the target follows the source by itself. */
    boolean follows() {
        return plan.sameCluster() || subscribes;
    }

    /**
     * Waits until the side that follows has all that the other one had.
     *
     * @return false when it has not got there in this time
     */
    boolean await(Duration patience) throws SQLException {
        Session follower = plan.sameCluster() && !plan.target().isStandby() ? pair.source() : pair.target();
        Session leader = follower == pair.target() ? pair.source() : pair.target();
        Lsn goal = position(
                leader,
                "select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end::text",
                List.of());
        long giveUp = System.nanoTime() + patience.toNanos();
        while (goal != null) {
            Lsn reached = plan.sameCluster()
                    ? position(follower, OF_STANDBY, List.of())
                    : position(
                            follower,
                            OF_SUBSCRIPTION,
                            List.of(plan.there().shape().name().quoted()));
            if (reached != null && reached.compareTo(goal) >= 0) {
                return true;
            }
            if (System.nanoTime() - giveUp >= 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            follower.work().throwIfCancelled();
        }
        return false;
    }

    private static @Nullable Lsn position(Session session, String sql, List<String> parameters) throws SQLException {
        List<String> positions = session.list(sql, row -> String.valueOf(row.getString(1)), parameters.toArray());
        return positions.isEmpty() ? null : Lsn.parse(positions.get(0)).orElse(null);
    }
}
