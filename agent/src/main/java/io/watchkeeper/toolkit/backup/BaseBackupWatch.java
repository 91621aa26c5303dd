package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a base backup is, as the server says it, and ends one that hears of the server no more: pg_basebackup itself waits for
 * as long as the system does.
 */
final class BaseBackupWatch implements AutoCloseable {

    /** How long nothing may arrive while the server does not answer either. A server that only waits does answer. */
    static final Duration SILENCE = Duration.ofSeconds(60);

    private static final Duration LOOK = Duration.ofMillis(500);

    /** How long a last answer is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String PHASE = """
            select p.phase, coalesce(p.backup_total, -1), p.backup_streamed, p.tablespaces_total, p.tablespaces_streamed
              from pg_stat_progress_basebackup p join pg_stat_activity a using (pid)
             where a.application_name = ?""";

    private final Database database;
    private final Work work;
    private final RunningCommand running;
    private final ArrivingFiles arriving;
    private final Duration silence;
    private final Thread asking = daemon(this::ask, "backup-watch");
    private final Thread timing = daemon(this::keepTime, "backup-silence");
    private volatile boolean stopped;
    private volatile long heard = System.nanoTime();
    private volatile @Nullable OperatorException gaveUp;
    private volatile @Nullable Session session;

    BaseBackupWatch(Database database, Work work, RunningCommand running, ArrivingFiles arriving, Duration silence) {
        this.database = database;
        this.work = work;
        this.running = running;
        this.arriving = arriving;
        this.silence = silence;
    }

    BaseBackupWatch start() {
        asking.start();
        timing.start();
        return this;
    }

    /** Why the program was ended; null when it was not. */
    @Nullable
    OperatorException gaveUp() {
        return gaveUp;
    }

    private void ask() {
        try {
            while (!stopped && running.isAlive()) {
                if (look()) {
                    heard = System.nanoTime();
                }
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            }
        } catch (InterruptedException e) {
            // Closed.
        } finally {
            forget();
        }
    }

    /** In a thread of its own: asking a server that is gone takes as long as its connection holds. */
    private void keepTime() {
        long arrived = 0;
        try {
            while (!stopped && running.isAlive()) {
                if (arriving.bytesSeen() != arrived) {
                    arrived = arriving.bytesSeen();
                    heard = System.nanoTime();
                }
                if (System.nanoTime() - heard > silence.toNanos()) {
                    giveUp();
                    return;
                }
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void giveUp() {
        gaveUp = new OperatorException(
                "nothing has come from database '" + database.name() + "' for " + DurationText.say(silence)
                        + ", and it does not answer",
                "the link or the server is gone; the next run makes a new backup.");
        running.kill();
    }

    /** @return whether the server answered */
    private boolean look() throws InterruptedException {
        try {
            Session open = session;
            if (open == null) {
                open = database.open(work);
                session = open;
            }
            List<Progress> progress = open.list(
                    PHASE,
                    row -> new Progress(
                            subject(row.getInt(4), row.getInt(5)),
                            row.getString(1),
                            0,
                            -1,
                            row.getLong(3),
                            row.getLong(2)),
                    work.applicationName());
            progress.forEach(work::progress);
            return true;
        } catch (SQLException | RuntimeException e) {
            // The backup may go on without being watched; whether it does is seen by what arrives.
            forget();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return false;
        }
    }

    private String subject(int tablespaces, int streamed) {
        return tablespaces < 2
                ? database.name()
                : database.name() + " (" + streamed + " of " + tablespaces + " tablespaces)";
    }

    private void forget() {
        Session open = session;
        session = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException | RuntimeException e) {
                // It is gone already.
            }
        }
    }

    /** Cuts a connection that waits for an answer which nobody needs any more. */
    private void cut() {
        Session open = session;
        if (open != null) {
            try {
                open.connection().abort(Runnable::run);
            } catch (SQLException e) {
                // It is gone already.
            }
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        stopped = true;
        timing.interrupt();
        asking.interrupt();
        try {
            asking.join(PATIENCE.toMillis());
            if (asking.isAlive()) {
                cut();
                asking.join(PATIENCE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        work.progress(Progress.finished(database.name()));
    }
}
