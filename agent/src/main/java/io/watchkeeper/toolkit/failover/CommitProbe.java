package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tries whether a commit gets through: a transaction that writes nothing but a line of the log. */
final class CommitProbe {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final Database database;
    private final Work work;
    private final CountDownLatch done = new CountDownLatch(1);
    private final AtomicInteger backend = new AtomicInteger();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    CommitProbe(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Waits for a commit to get through.
     *
     * @param watcher another session of the database: no timeout of the server ends a commit that waits for a standby
     * @throws OperatorException when it did not within the time
     */
    void require(Session watcher, Duration within) throws SQLException {
        Thread committer = new Thread(this::commit, "commit probe");
        committer.setDaemon(true);
        committer.start();
        long until = System.nanoTime() + within.toNanos();
        try {
            while (done.getCount() > 0) {
                if (System.nanoTime() > until) {
                    throw new OperatorException(
                            "a commit on database '" + database.name() + "' did not get through within "
                                    + DurationText.say(within) + "; synchronous_standby_names was put back",
                            "see the standbys' logs and disks, and whether they stream: pg_stat_replication.");
                }
                Pause.of(LOOK_AGAIN, work);
            }
        } finally {
            end(watcher);
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw new OperatorException(
                    "a commit on database '" + database.name() + "' failed: " + failed.getMessage(), null, failed);
        }
    }

    private void commit() {
        try (Session session = database.open(Work.unattended("watchkeeper commit probe"))) {
            backend.set(session.one("select pg_backend_pid()", row -> row.getInt(1)));
            session.query("select set_config('synchronous_commit', 'on', false)"
                    + " where current_setting('synchronous_commit') in ('off', 'local')");
            session.query("select pg_logical_emit_message(true, 'watchkeeper', 'commit probe')");
        } catch (SQLException | RuntimeException e) {
            failure.set(e);
        } finally {
            done.countDown();
        }
    }

    /** The commit itself has happened; its wait is what is ended. */
    private void end(Session watcher) throws SQLException {
        if (done.getCount() > 0 && backend.get() != 0) {
            watcher.query("select pg_cancel_backend(?)", backend.get());
            try {
                done.await(2, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
