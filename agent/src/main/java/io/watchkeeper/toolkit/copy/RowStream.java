package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/**
 * Pumps COPY data from one server to the other without looking into it. Rows are gathered into blocks, so that the target
 * gets few large messages; between the servers' own buffers and this block nothing is held.
 */
final class RowStream {

    private static final int BLOCK = 128 * 1024;
    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Session source;
    private final Session target;
    private final Work work;
    private final RateLimit limit;
    private final TableName subject;
    private final long estimatedRows;
    private final byte[] block = new byte[BLOCK];
    private int filled;
    /** A row that was read and did not fit into the block any more. */
    private byte @Nullable [] carried;

    private long rowsUnderway;
    private long bytes;
    private long rowsRead;
    private long rowsWritten;
    private long extractNanos;
    private long loadNanos;
    private long nextReport = System.nanoTime();

    RowStream(Session source, Session target, RateLimit limit, TableName subject, long estimatedRows) {
        this.source = source;
        this.target = target;
        this.work = target.work();
        this.limit = limit;
        this.subject = subject;
        this.estimatedRows = estimatedRows;
    }

    /** Runs both statements to their end; when one fails, the other is cancelled. */
    void pump(String copyOut, String copyIn) throws SQLException {
        CopyOut from = source.call(() -> copies(source).copyOut(copyOut));
        try {
            CopyIn to = target.call(() -> copies(target).copyIn(copyIn));
            try {
                boolean more = true;
                while (more) {
                    more = timedFill(from);
                    timedSend(to);
                }
                long start = System.nanoTime();
                rowsWritten += target.call(to::endCopy);
                loadNanos += System.nanoTime() - start;
            } finally {
                cancel(to);
            }
            rowsRead += from.getHandledRowCount();
            rowsUnderway = rowsRead;
            report();
        } finally {
            cancel(source, from);
        }
    }

    private boolean timedFill(CopyOut from) throws SQLException {
        long start = System.nanoTime();
        try {
            return source.call(() -> fill(from));
        } finally {
            extractNanos += System.nanoTime() - start;
        }
    }

    /**
     * Takes rows until the block is full; the server sends one message per row.
     *
     * @return false when there are no more
     */
    private boolean fill(CopyOut from) throws SQLException {
        while (true) {
            byte[] row = carried != null ? carried : from.readFromCopy();
            carried = null;
            if (row == null) {
                return false;
            }
            if (row.length > block.length - filled) {
                carried = row;
                return true;
            }
            System.arraycopy(row, 0, block, filled, row.length);
            filled += row.length;
            rowsUnderway++;
            if (System.nanoTime() >= nextReport) {
                report();
            }
        }
    }

    private void timedSend(CopyIn to) throws SQLException {
        byte[] large = filled == 0 ? carried : null;
        limit.spend(large != null ? large.length : filled);
        long start = System.nanoTime();
        target.call(() -> {
            if (large != null) {
                to.writeToCopy(large, 0, large.length);
            } else {
                to.writeToCopy(block, 0, filled);
            }
            return true;
        });
        loadNanos += System.nanoTime() - start;
        if (large != null) {
            carried = null;
            rowsUnderway++;
            bytes += large.length;
        } else {
            bytes += filled;
            filled = 0;
        }
    }

    private void report() {
        nextReport = System.nanoTime() + REPORT_NANOS;
        work.progress(new Progress(subject.toString(), "load", rowsUnderway, estimatedRows, bytes));
    }

    private static CopyManager copies(Session session) throws SQLException {
        return session.connection().unwrap(PGConnection.class).getCopyAPI();
    }

    private static void cancel(CopyIn operation) {
        if (operation.isActive()) {
            try {
                operation.cancelCopy();
            } catch (SQLException e) {
                // It failed already, and that failure is on its way.
            }
        }
    }

    /** The driver's own cancelCopy leaves the server's answer unread, for the next statement to trip over. */
    private static void cancel(Session session, CopyOut operation) {
        if (operation.isActive()) {
            try {
                session.connection().unwrap(PGConnection.class).cancelQuery();
                while (operation.readFromCopy() != null) {
                    // What was on its way.
                }
            } catch (SQLException e) {
                // As it should be: the statement was cancelled.
            }
        }
    }

    long bytes() {
        return bytes;
    }

    long rowsRead() {
        return rowsRead;
    }

    long rowsWritten() {
        return rowsWritten;
    }

    Duration extractTime() {
        return Duration.ofNanos(extractNanos);
    }

    Duration loadTime() {
        return Duration.ofNanos(loadNanos);
    }
}
