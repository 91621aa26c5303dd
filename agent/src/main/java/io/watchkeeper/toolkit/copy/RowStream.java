package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.CopyReader;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Pumps COPY data from one server to the other without looking into it. The target gets few large messages, whose borders mean
 * nothing; memory does not depend on how many rows there are, or how large a value is.
 */
public final class RowStream {

    private final Session source;
    private final Session target;
    private final RateLimit limit;
    private final CopyProgress progress;

    private long bytes;
    private long rowsRead;
    private long rowsSeen;
    private long inThisStatement;
    private long rowsWritten;
    private long extractNanos;
    private long loadNanos;

    public RowStream(Session source, Session target, RateLimit limit, CopyProgress progress) {
        this.source = source;
        this.target = target;
        this.limit = limit;
        this.progress = progress;
    }

    /** Runs both statements to their end; when one fails, the other is cancelled. */
    public void pump(String copyOut, String copyIn) throws SQLException {
        try (CopyReader from = source.copyOut(copyOut);
                ReadAhead rows = new ReadAhead(from)) {
            CopyIn to = target.call(() ->
                    target.connection().unwrap(PGConnection.class).getCopyAPI().copyIn(copyIn));
            try {
                ReadAhead.Block block = timedRead(rows);
                for (; !block.isLast(); block = timedRead(rows)) {
                    timedWrite(to, block);
                    rows.giveBack(block);
                    seen(block.rows(), block.length());
                }
                long start = System.nanoTime();
                rowsWritten += target.call(to::endCopy);
                loadNanos += System.nanoTime() - start;
                seen(block.rows(), 0);
                rowsRead += block.rows();
                inThisStatement = 0;
            } finally {
                cancel(to);
            }
        }
    }

    /** Has the target's server fetch the rows, and counts what it says. How many bytes that were nobody knows. */
    public void fetch(ForeignServer server, PreparedCopy copy, TableName relation) throws SQLException {
        progress.loaded(0, 0);
        long start = System.nanoTime();
        long rows = server.load(copy, relation);
        loadNanos += System.nanoTime() - start;
        rowsRead += rows;
        rowsWritten += rows;
        progress.loaded(rows, 0);
    }

    private void seen(long rowsOfStatement, long moreBytes) {
        progress.loaded(rowsOfStatement - inThisStatement, moreBytes);
        rowsSeen += rowsOfStatement - inThisStatement;
        inThisStatement = rowsOfStatement;
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

    private static void cancel(CopyIn operation) {
        if (operation.isActive()) {
            try {
                operation.cancelCopy();
            } catch (SQLException e) {
                // It failed already, and that failure is on its way.
            }
        }
    }

    public long bytes() {
        return bytes;
    }

    /** Rows that were read so far, also of a statement that has not ended. */
    public long rowsSeen() {
        return rowsSeen;
    }

    public long rowsRead() {
        return rowsRead;
    }

    public long rowsWritten() {
        return rowsWritten;
    }

    public Duration extractTime() {
        return Duration.ofNanos(extractNanos);
    }

    public Duration loadTime() {
        return Duration.ofNanos(loadNanos);
    }
}
