package io.watchkeeper.postgres;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The rows of a {@code COPY … TO STDOUT} as one stream of bytes. A block may end within a row, so that memory does not depend on
 * how large a value is.
 */
public final class CopyReader implements AutoCloseable {

    private final Session session;
    private final CopyOut copy;
    /** Null where the wire cannot be read beside the driver. */
    private final @Nullable CopyTap tap;

    private byte[] carried = new byte[0];
    private int carriedFrom;
    private long rows;
    private boolean ended;

    private CopyReader(Session session, CopyOut copy, @Nullable CopyTap tap) {
        this.session = session;
        this.copy = copy;
        this.tap = tap;
    }

    /** Sends the statement. Nothing else may be done with the session until this is closed. */
    static CopyReader open(Session session, @Nullable CopyTap socketTap, String sql) throws SQLException {
        CopyTap tap = socketTap != null && socketTap.isReadable() ? socketTap : null;
        PGConnection connection = session.connection().unwrap(PGConnection.class);
        if (tap != null) {
            tap.awaitCopy();
        }
        boolean begun = false;
        try {
            CopyOut copy = session.call(() -> connection.getCopyAPI().copyOut(sql));
            begun = true;
            return new CopyReader(session, copy, tap);
        } finally {
            if (!begun && tap != null) {
                tap.release();
            }
        }
    }

    /**
     * Reads the next bytes, waiting for the first.
     *
     * @return how many there are at the beginning of the block; -1 at the end, when the server has said that all is well
     */
    public int read(byte[] block) throws SQLException {
        return session.call(() -> tap != null ? take(tap, block) : readRows(block));
    }

    private int take(CopyTap from, byte[] block) throws SQLException {
        int taken;
        try {
            taken = from.take(block);
        } catch (IOException e) {
            throw new SQLException("the connection was lost: " + e.getMessage(), SqlStates.CONNECTION_FAILURE, e);
        }
        rows = from.rows();
        if (taken < 0) {
            finish(copy.readFromCopy());
        }
        return taken;
    }

    private int readRows(byte[] block) throws SQLException {
        int filled = 0;
        while (filled < block.length) {
            if (carriedFrom == carried.length) {
                // A row that waits already is no reason to wait for another.
                byte[] row = ended ? null : copy.readFromCopy();
                if (row == null) {
                    ended = true;
                    return filled == 0 ? -1 : filled;
                }
                carried = row;
                carriedFrom = 0;
                rows++;
            }
            int part = Math.min(block.length - filled, carried.length - carriedFrom);
            System.arraycopy(carried, carriedFrom, block, filled, part);
            carriedFrom += part;
            filled += part;
        }
        return filled;
    }

    private void finish(byte @Nullable [] row) {
        if (row != null) {
            throw new IllegalStateException("the driver got a row that was to be taken");
        }
        ended = true;
    }

    /** Rows read so far, perhaps one less; after the end the server's own count. */
    public long rows() {
        // The end of a binary COPY comes as a message of its own, and looks like a row.
        boolean binary = copy.getFormat() == 1;
        return ended ? copy.getHandledRowCount() : binary ? Math.max(0, rows - 1) : rows;
    }

    /** Ends the statement on the server while another thread reads; that thread's read fails, unless it is at the end. */
    public void interrupt() {
        if (session.isBroken()) {
            return;
        }
        try {
            session.connection().unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // No connection for it, then: the caller asks again.
        }
    }

    /** Cancels the statement when it has not ended, and takes what was on its way off the wire. */
    @Override
    public void close() {
        // A request to cancel goes over a new connection, which takes its time over a link that is down, for nothing.
        if (!copy.isActive() || session.isBroken()) {
            return;
        }
        try {
            // The driver's own cancelCopy leaves the server's answer unread, for the next statement to trip over.
            session.connection().unwrap(PGConnection.class).cancelQuery();
            byte[] block = new byte[8192];
            while (tap != null && tap.take(block) >= 0) {
                // What was on its way.
            }
            while (copy.readFromCopy() != null) {
                // As above.
            }
        } catch (SQLException | IOException e) {
            // As it should be: the statement was cancelled.
        }
    }
}
