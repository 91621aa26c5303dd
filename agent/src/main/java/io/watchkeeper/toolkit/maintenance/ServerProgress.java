package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how far the server is with a VACUUM or ANALYZE, asked in a session of its own twice a second while one runs. Without a
 * connection to spare it tells only what is worked on.
 */
final class ServerProgress implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServerProgress.class);
    private static final long EVERY_MS = 500;
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private static final String SQL = """
            select phase, heap_blks_total * b.size, heap_blks_scanned * b.size, heap_blks_vacuumed * b.size
              from pg_stat_progress_vacuum, (select current_setting('block_size')::bigint) b(size) where pid = ?
            union all
            select phase, heap_blks_total * b.size, heap_blks_scanned * b.size, null
              from pg_stat_progress_cluster, (select current_setting('block_size')::bigint) b(size) where pid = ?
            union all
            select phase, sample_blks_total * b.size, sample_blks_scanned * b.size, null
              from pg_stat_progress_analyze, (select current_setting('block_size')::bigint) b(size) where pid = ?
             limit 1""";

    private final Database database;
    private final Work work;
    private final int pid;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread = new Thread(this::watch, "maintenance-progress");
    private @Nullable Running running;

    private record Running(String table, String verb) {}

    /** @param pid of the session whose statements are watched */
    ServerProgress(Database database, Work work, int pid) {
        this.database = database;
        this.work = work;
        this.pid = pid;
        thread.setDaemon(true);
        thread.start();
    }

    /** The session begins with a table. @param verb for example {@code vacuum} */
    void begin(TableName table, String verb) {
        synchronized (this) {
            running = new Running(table.toString(), verb);
        }
        work.progress(Progress.ofBytes(table.toString(), verb, 0, 0));
    }

    /** The session is done with the table, whether it worked or not. */
    void end(TableName table) {
        synchronized (this) {
            running = null;
        }
        work.progress(Progress.finished(table.toString()));
    }

    private synchronized @Nullable Running now() {
        return running;
    }

    private void watch() {
        try {
            while (now() == null) {
                if (over.await(EVERY_MS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            // Most statements are over before the first look, and then no second connection is taken at all.
            if (over.await(EVERY_MS, TimeUnit.MILLISECONDS)) {
                return;
            }
            try (Session session = database.tryOpen(work, PATIENCE).orElse(null)) {
                do {
                    Running seen = now();
                    if (session != null && seen != null) {
                        look(session, seen);
                    }
                } while (!over.await(EVERY_MS, TimeUnit.MILLISECONDS));
            }
        } catch (SQLException | RuntimeException e) {
            // The statement itself says what is wrong with the server, or that the work was cancelled.
            LOG.debug("no progress of maintenance in '{}': {}", database.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Session session, Running seen) throws SQLException {
        List<Progress> read = session.list(SQL, row -> progress(row, seen), pid, pid, pid);
        synchronized (this) {
            // What has ended meanwhile must not come back.
            if (!read.isEmpty() && seen.equals(running)) {
                work.progress(read.get(0));
            }
        }
    }

    private static Progress progress(ResultSet row, Running seen) throws SQLException {
        String phase = row.getString(1);
        long total = row.getLong(2);
        long done = phase.equals("vacuuming heap") ? row.getLong(4) : row.getLong(3);
        boolean counted = phase.contains("scanning heap")
                || phase.contains("seq scanning")
                || phase.equals("vacuuming heap")
                || phase.contains("acquiring");
        return Progress.ofBytes(seen.table(), seen.verb() + ": " + phase, counted ? done : 0, counted ? total : 0);
    }

    @Override
    public void close() {
        over.countDown();
        try {
            // A look takes a moment; its session must be back before the work counts as over.
            thread.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
