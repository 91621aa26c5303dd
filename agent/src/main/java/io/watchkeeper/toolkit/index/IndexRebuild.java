package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Builds one index anew. It is written down before it begins; what a failure or the end of this process leaves is dropped at once, by the
 * next attempt, or by the sweep.
 */
final class IndexRebuild {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final Database database;
    private final Work work;
    private final ReindexPlan plan;
    private final Room room;

    IndexRebuild(Database database, Work work, ReindexPlan plan, Room room) {
        this.database = database;
        this.work = work;
        this.plan = plan;
        this.room = room;
    }

    static String sql(IndexName index, ReindexPlan.Method method) {
        return "REINDEX INDEX " + (method == ReindexPlan.Method.CONCURRENTLY ? "CONCURRENTLY " : "") + index.quoted();
    }

    /**
     * Builds it, again after a deadlock or a timeout.
     *
     * @param reason why, for the result
     * @return empty when another agent works on the table's indexes
     * @throws OperatorException when the table stays locked, a right or room is missing, or the new index is not sound
     */
    Optional<RebuiltIndex> run(IndexBloat index, String reason) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(index, reason, attempt);
            } catch (SQLException | OperatorException e) {
                if (attempt >= plan.attempts() || !passes(e)) {
                    throw explained(index, e);
                }
                pause(FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 5)));
            }
        }
    }

    private Optional<RebuiltIndex> once(IndexBloat index, String reason, int attempt) throws SQLException {
        long start = System.nanoTime();
        boolean begun = false;
        boolean done = false;
        try (Session session = database.open(work)) {
            RebuildLedger ledger = RebuildLedger.require(session);
            if (!TableTurn.take(session, index.tableId())) {
                return Optional.empty();
            }
            session.lockTimeout(plan.lockTimeout());
            awaitTable(session, index);
            room.require(
                    session, index.id(), new Bytes(index.bytes()), index.index().toString());
            long before = size(session, index);
            ledger.add(index.tableId(), index.table(), "the rebuild of " + index.index());
            begun = true;
            build(session, index);
            ledger.remove(index.tableId());
            done = true;
            requireSound(session, index);
            return Optional.of(new RebuiltIndex(
                    index,
                    database.name(),
                    reason,
                    before,
                    size(session, index),
                    attempt,
                    Duration.ofNanos(System.nanoTime() - start)));
        } finally {
            // The session is closed by now, and with it the server's statement ended.
            if (begun && !done) {
                RebuildSweep.after(database, index.tableId());
            }
        }
    }

    /** Waits shortly for the lock that the rebuild needs, so that whoever has it can be named. It keeps nobody from reading or writing. */
    private static void awaitTable(Session session, IndexBloat index) throws SQLException {
        session.begin();
        try {
            session.runVerbatim("LOCK TABLE " + index.table().quoted() + " IN SHARE UPDATE EXCLUSIVE MODE");
        } catch (SQLException e) {
            session.rollback();
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw TableLocks.explain(session, List.of(index.table()), e);
            }
            throw e;
        }
        session.rollback();
    }

    private void build(Session session, IndexBloat index) throws SQLException {
        // In place writers queue behind it, so that it waits no longer than they may.
        boolean beside = plan.method() == ReindexPlan.Method.CONCURRENTLY;
        session.lockTimeout(beside ? plan.waitFor() : plan.lockTimeout());
        session.query(
                "select set_config('max_parallel_maintenance_workers', ?, false)", Integer.toString(plan.parallel()));
        int pid = session.one("select pg_backend_pid()", row -> row.getInt(1));
        RebuildProgress progress =
                new RebuildProgress(database, work, pid, index.index().toString());
        try {
            session.runVerbatim(sql(index.index(), plan.method()));
        } finally {
            progress.close();
        }
    }

    private void requireSound(Session session, IndexBloat index) throws SQLException {
        if (!plan.check() || !index.isBtree()) {
            return;
        }
        Optional<String> wrong = IndexCheck.require(session).look(index.index());
        if (wrong.isPresent()) {
            throw new OperatorException(
                    index.index() + " of database '" + database.name() + "' is not sound after it was built anew: "
                            + wrong.get(),
                    "the table itself is probably damaged: take a backup of the files as they are, and look at the server's log and"
                            + " disk before anything else.");
        }
    }

    private static long size(Session session, IndexBloat index) throws SQLException {
        return session.one(
                "select pg_relation_size(?::regclass)",
                row -> row.getLong(1),
                index.index().quoted());
    }

    /** Whether another attempt may help: a deadlock, a lock, an old transaction; not a lost connection, which is the run's to retry. */
    private static boolean passes(Exception failure) {
        String state = FailureClass.sqlState(failure).orElse("");
        return state.equals(SqlStates.LOCK_NOT_AVAILABLE) || state.equals("40P01");
    }

    private OperatorException explained(IndexBloat index, Exception failure) throws SQLException {
        String state = FailureClass.sqlState(failure).orElse("");
        String user = database.settings().user();
        if (failure instanceof OperatorException told) {
            return told;
        }
        if (state.equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
            return new OperatorException(
                    "role '" + user + "' may not rebuild " + index.index() + " of database '" + database.name() + "': "
                            + failure.getMessage(),
                    "the role must be a member of the owner of " + index.table()
                            + " (GRANT owner TO " + Identifiers.quote(user)
                            + "), which also lets it drop what an interrupted rebuild leaves.",
                    failure);
        }
        if (state.equals(SqlStates.LOCK_NOT_AVAILABLE)) {
            return new OperatorException(
                    "building " + index.index() + " of database '" + database.name()
                            + "' waited too long for older transactions: " + failure.getMessage(),
                    "end them (SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start), or raise waitFor.",
                    failure);
        }
        if (failure instanceof SQLException sql) {
            throw sql;
        }
        throw new IllegalStateException(failure);
    }

    private void pause(Duration time) {
        CountDownLatch told = new CountDownLatch(1);
        Work.Registration cancellation = work.onCancel(told::countDown);
        try {
            boolean stopped = told.await(time.toMillis(), TimeUnit.MILLISECONDS);
            if (stopped) {
                work.throwIfCancelled();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
        } finally {
            cancellation.close();
        }
    }
}
