package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes tables that others write to: whoever queues behind its lock waits no longer than one attempt, and then has a while to go on.
 *
 * @param patience for a lock, and for what is done while it is held, each; at most a second
 * @param attempts before it is given up
 */
record PatientLock(Duration patience, int attempts) {

    static final Duration LONGEST = Duration.ofSeconds(1);

    private static final Set<String> IN_THE_WAY =
            Set.of(SqlStates.LOCK_NOT_AVAILABLE, SqlStates.QUERY_CANCELED, "40P01", "40001");
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    /**
     * Does it in a transaction, again and again until it gets through.
     *
     * @param tables that are locked, for the failure's text
     * @throws OperatorException when the locks were not to be had
     */
    <T> T transaction(Session session, Collection<TableName> tables, SqlCall<T> changes) throws SQLException {
        return persist(session, tables, () -> {
            session.begin();
            try {
                session.query(
                        "select set_config('lock_timeout', ?, true), set_config('statement_timeout', ?, true)",
                        String.valueOf(patience.toMillis()),
                        String.valueOf(LONGEST.toMillis()));
                T result = changes.run();
                session.commit();
                return result;
            } finally {
                session.rollback();
            }
        });
    }

    /** As {@link #transaction}, for a statement that allows no transaction around it. @param most it may take, without any lock on others */
    void statement(Session session, Collection<TableName> tables, String sql, Duration most) throws SQLException {
        String before = session.one("select current_setting('statement_timeout')", row -> row.getString(1));
        try {
            persist(session, tables, () -> {
                session.query(
                        "select set_config('lock_timeout', ?, false), set_config('statement_timeout', ?, false)",
                        String.valueOf(patience.toMillis()),
                        String.valueOf(most.toMillis()));
                session.runVerbatim(sql);
                return true;
            });
        } finally {
            if (session.isUsable()) {
                session.query(
                        "select set_config('lock_timeout', ?, false), set_config('statement_timeout', ?, false)",
                        String.valueOf(Session.DEFAULT_LOCK_TIMEOUT.toMillis()),
                        before);
            }
        }
    }

    private <T> T persist(Session session, Collection<TableName> tables, SqlCall<T> action) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return action.run();
            } catch (SQLException e) {
                if (!IN_THE_WAY.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
                if (attempt >= attempts) {
                    throw TableLocks.explain(session, tables, e);
                }
            }
            pause(attempt, session.work());
        }
    }

    private static void pause(int attempt, Work work) {
        long longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt, 10));
        work.throwIfCancelled();
        LockSupport.parkNanos(
                Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1))
                        .toNanos());
        work.throwIfCancelled();
        if (Thread.currentThread().isInterrupted()) {
            throw new WorkCancelledException("interrupted");
        }
    }
}
