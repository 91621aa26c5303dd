package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.CopyReader;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Pumps COPY data from one server to the other without looking into it. The target gets few large messages, whose borders mean
 * nothing; memory does not depend on how many rows there are, or how large a value is.
 */
final class RowStream {

    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Session source;
    private final Session target;
    private final Work work;
    private final RateLimit limit;
    private final TableName subject;
    private final long estimatedRows;

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
        try (CopyReader from = source.copyOut(copyOut);
                ReadAhead rows = new ReadAhead(from)) {
            CopyIn to = target.call(() ->
                    target.connection().unwrap(PGConnection.class).getCopyAPI().copyIn(copyIn));
            try {
                ReadAhead.Block block = timedRead(rows);
                for (; !block.isLast(); block = timedRead(rows)) {
                    timedWrite(to, block);
                    rows.giveBack(block);
                    if (System.nanoTime() >= nextReport) {
                        report(rowsRead + block.rows());
                    }
                }
                long start = System.nanoTime();
                rowsWritten += target.call(to::endCopy);
                loadNanos += System.nanoTime() - start;
                rowsRead += block.rows();
                report(rowsRead);
            } finally {
                cancel(to);
            }
        }
    }

    private ReadAhead.Block timedRead(ReadAhead rows) throws SQLException {
        long start = System.nanoTime();
        try {
            return rows.next();
        } finally {
            extractNanos += System.nanoTime() - start;
        }
    }

    private void timedWrite(CopyIn to, ReadAhead.Block block) throws SQLException {
        limit.spend(block.length());
        long start = System.nanoTime();
        target.call(() -> {
            to.writeToCopy(block.bytes(), 0, block.length());
            return true;
        });
        loadNanos += System.nanoTime() - start;
        bytes += block.length();
    }

    private void report(long rows) {
        nextReport = System.nanoTime() + REPORT_NANOS;
        work.progress(new Progress(subject.toString(), "load", rows, estimatedRows, bytes));
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
