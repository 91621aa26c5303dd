package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * One transaction that changes tenants: no two at once in a database, and whoever queues behind its table locks waits no longer than one
 * attempt.
 *
 * @param patience of one attempt
 * @param attempts before it is given up
 */
record TenantTransaction(Duration patience, int attempts) {

    /** What several sessions changing the same grants and policies come to, besides a lock that is not to be had. */
    private static final Set<String> IN_THE_WAY = Set.of(SqlStates.LOCK_NOT_AVAILABLE, "40P01", "40001");

    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final long FIRST_PAUSE_MS = 50;
    private static final long LONGEST_PAUSE_MS = 5_000;

    static void check(Duration patience, int attempts) {
        if (patience.toMillis() < 1 || patience.compareTo(LONGEST) > 0) {
            throw new OperatorException(
                    "'lockTimeout' is " + patience.toMillis() + " ms",
                    "others wait behind a lock that is waited for: write a time up to 5.seconds.");
        }
        if (attempts < 1 || attempts > 1_000) {
            throw new OperatorException("'attempts' is " + attempts, "write a number from 1 to 1000.");
        }
    }

    /**
     * Does it, again and again until it gets through; all of it or nothing.
     *
     * @param tables that are locked, for the failure's text
     */
    <T> T run(Session session, Collection<TableName> tables, SqlCall<T> changes) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(session, changes);
            } catch (SQLException e) {
                if (!isInTheWay(e)) {
                    throw explained(session, e);
                }
                if (attempt >= attempts) {
                    throw TableLocks.explain(session, tables, e);
                }
            }
            pause(attempt, session);
        }
    }

    private <T> T once(Session session, SqlCall<T> changes) throws SQLException {
        session.begin();
        try {
            session.query("select set_config('lock_timeout', ?, true)", String.valueOf(patience.toMillis()));
            session.query("select pg_advisory_xact_lock(hashtext('watchkeeper tenants'))");
            T result = changes.run();
            session.commit();
            return result;
        } finally {
            session.rollback();
        }
    }

    private static boolean isInTheWay(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        // Two sessions that grant on one table, or change one role, at the same moment.
        return IN_THE_WAY.contains(state)
                || (state.equals("XX000") && String.valueOf(e.getMessage()).contains("tuple concurrently"));
    }

    private static SQLException explained(Session session, SQLException e) {
        if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
            String user = session.database().settings().user();
            throw new OperatorException(
                    "role '" + user + "' may not do this in database '"
                            + session.database().name() + "': " + e.getMessage(),
                    "making tenants takes CREATEROLE, CREATE on the database, and ownership of the shared tables; see docs/tenants.md.",
                    e);
        }
        return e;
    }

    private static void pause(int attempt, Session session) {
        long longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt, 10));
        session.work().throwIfCancelled();
        LockSupport.parkNanos(
                Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1))
                        .toNanos());
        session.work().throwIfCancelled();
        if (Thread.currentThread().isInterrupted()) {
            throw new WorkCancelledException("interrupted");
        }
    }
}
