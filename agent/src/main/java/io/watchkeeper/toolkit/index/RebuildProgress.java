package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells how far an index is while it is built, from {@code pg_stat_progress_create_index}, in a session and a thread of its own. */
final class RebuildProgress implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RebuildProgress.class);
    private static final Work WORK = Work.unattended("watchkeeper progress");
    private static final long EVERY_MS = 1_000;

    private static final String SQL = """
            select phase, greatest(blocks_done, lockers_done), greatest(blocks_total, lockers_total),
                   current_setting('block_size')::bigint, blocks_total > 0
              from pg_stat_progress_create_index where pid = ?""";

    private final Database database;
    private final Work work;
    private final int pid;
    private final String subject;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;

    /** @param pid of the server's process that builds */
    RebuildProgress(Database database, Work work, int pid, String subject) {
        this.database = database;
        this.work = work;
        this.pid = pid;
        this.subject = subject;
        this.thread = new Thread(this::watch, "reindex-progress");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (!ended.await(EVERY_MS, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException e) {
            LOG.debug("the progress of {} cannot be read: {}", subject, e.getMessage());
        }
    }

    /** Where all connections are in use, nothing is told this time. */
    private void look() throws SQLException {
        Optional<Session> free = database.tryOpen(WORK, Duration.ZERO);
        if (free.isEmpty()) {
            return;
        }
        try (Session session = free.get()) {
            session.list(
                            SQL,
                            row -> {
                                long unit = row.getBoolean(5) ? row.getLong(4) : 1;
                                return Progress.ofBytes(
                                        subject, row.getString(1), row.getLong(2) * unit, row.getLong(3) * unit);
                            },
                            pid)
                    .forEach(work::progress);
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            thread.join(EVERY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        work.progress(Progress.finished(subject));
    }
}
