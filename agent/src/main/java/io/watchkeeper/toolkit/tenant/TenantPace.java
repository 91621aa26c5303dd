package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.ReplicationProbe;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Does batches one after the other, each a transaction of its own, so that nobody waits for long and replicas keep up.
 *
 * @param limit is asked while replicas are waited for and before each attempt of a batch, and throws when there is no time left
 */
record TenantPace(Session session, Gentleness gentleness, SqlCall<Boolean> limit) {

    private static final Set<String> IN_THE_WAY = Set.of("55P03", "40P01", "40001");
    private static final int ATTEMPTS = 20;
    private static final Duration LAG_PAUSE = Duration.ofSeconds(1);

    /** Without a limit. */
    TenantPace(Session session, Gentleness gentleness) {
        this(session, gentleness, () -> true);
    }

    /** The same without pauses, for the moments in which a tenant is shut out. @param limit is asked before each attempt, and throws */
    TenantPace hurried(SqlCall<Boolean> limit) {
        return new TenantPace(session, new Gentleness(gentleness.batch(), Duration.ZERO, gentleness.maxLag()), limit);
    }

    /** One batch, once the replicas are near enough; again when a lock is not to be had. */
    <T> T batch(SqlCall<T> changes) throws SQLException {
        while (!gentleness.pause().isZero()
                && ReplicationProbe.maxLagBytes(session) > gentleness.maxLag().count()) {
            limit.run();
            sleep(LAG_PAUSE);
        }
        for (int attempt = 1; ; attempt++) {
            limit.run();
            session.begin();
            try {
                T result = changes.run();
                session.commit();
                sleep(gentleness.pause());
                return result;
            } catch (SQLException e) {
                if (!IN_THE_WAY.contains(String.valueOf(e.getSQLState())) || attempt >= ATTEMPTS) {
                    throw e;
                }
            } finally {
                session.rollback();
            }
            sleep(Duration.ofMillis(100L * attempt));
        }
    }

    void sleep(Duration time) {
        Work work = session.work();
        work.throwIfCancelled();
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, LAG_PAUSE.toNanos()));
            work.throwIfCancelled();
        }
    }
}
