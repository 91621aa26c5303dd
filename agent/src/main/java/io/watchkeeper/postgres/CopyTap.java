package io.watchkeeper.postgres;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/**
 * What a server sends, on its way to the driver. While a COPY sends rows they are taken out here, a block at a time: the driver
 * makes an array of every row, which costs more than all else that a relay does. To the driver it looks like a COPY without
 * rows; the server's count of them, its errors and its notices reach it as ever.
 *
 * <p>Messages are those of PostgreSQL's protocol 3: a type, a length that includes itself, and that many bytes.
 */
final class CopyTap extends InputStream {

    private static final int HEADER = 5;

    /** Of the length within the header, which counts itself. */
    private static final int LENGTH = 4;

    private static final byte ROW = 'd';

    /** Types a server may send around a COPY. Anything else means that the framing was lost, and nothing may be guessed then. */
    private static final String KNOWN = "HdcCZENSA123ntTDsI";

    /** Servers send 8 KB at a time. Gathering several of those saves both sides most of their wake-ups. */
    private static final int WORTH_SENDING = 96 * 1024;

    private static final long GATHERING_NANOS = 200_000;

    private enum Reader {
        /** The driver reads whatever comes. */
        DRIVER,
        /** The driver reads up to the end of the message that begins a COPY. */
        DRIVER_UNTIL_COPY,
        /** Rows are taken. */
        TAKER
    }

    private final InputStream wire;
    private final byte[] header = new byte[HEADER];
    private Reader reader = Reader.DRIVER;
    private boolean anythingRead;
    private boolean encrypted;
    private int headerFilled;
    private int messageLeft;
    /** Notices and the like that came between rows, then what followed the last row: the driver's, in this order. */
    private ByteBuffer returned = ByteBuffer.allocate(0);

    private final ByteArrayOutputStream aside = new ByteArrayOutputStream();
    private boolean messageIsAside;
    private long rows;

    CopyTap(InputStream wire) {
        this.wire = wire;
    }

    /** False when what passes here is TLS or GSSAPI, between whose ends nothing can be told apart. */
    boolean isReadable() {
        return anythingRead && !encrypted;
    }

    /** Call before the COPY is sent, on an idle connection. */
    void awaitCopy() {
        reader = Reader.DRIVER_UNTIL_COPY;
        headerFilled = 0;
        messageLeft = 0;
        rows = 0;
    }

    /** Gives all that comes back to the driver; for a COPY that did not begin. */
    void release() {
        reader = Reader.DRIVER;
    }

    /** Rows that were taken, the last one perhaps in part. */
    long rows() {
        return rows;
    }

    /**
     * Takes the next rows, a part of a row included.
     *
     * @return how many bytes, at least one; -1 when there are no more and the driver has the rest
     */
    int take(byte[] block) throws IOException {
        if (reader != Reader.TAKER) {
            return -1;
        }
        int filled = 0;
        boolean waited = false;
        while (reader == Reader.TAKER && filled < block.length) {
            if (filled > 0 && wire.available() == 0) {
                if (waited || filled >= WORTH_SENDING) {
                    break;
                }
                waited = true;
                LockSupport.parkNanos(GATHERING_NANOS);
                continue;
            }
            int read = wire.read(block, filled, block.length - filled);
            if (read < 0) {
                throw new IOException("the server closed the connection in the middle of a COPY");
            }
            waited = false;
            filled = unpack(block, filled, filled + read);
        }
        return filled == 0 && reader != Reader.TAKER ? -1 : filled;
    }

    /** Moves the rows of what was read together. @return where they end */
    private int unpack(byte[] block, int from, int end) throws IOException {
        int at = from;
        int filled = from;
        while (at < end) {
            if (messageLeft > 0) {
                int part = Math.min(messageLeft, end - at);
                if (messageIsAside) {
                    aside.write(block, at, part);
                } else {
                    System.arraycopy(block, at, block, filled, part);
                    filled += part;
                }
                at += part;
                messageLeft -= part;
            } else if (headerFilled == 0 && end - at >= HEADER && block[at] == ROW) {
                // Nearly all there is. Once per row, so nothing is made here and nothing copied.
                messageLeft = payload(ROW, intAt(block, at + 1));
                messageIsAside = false;
                rows++;
                at += HEADER;
            } else {
                header[headerFilled++] = block[at++];
                if (headerFilled == HEADER && !beginMessage()) {
                    aside.write(block, at, end - at);
                    returned = ByteBuffer.wrap(aside.toByteArray());
                    aside.reset();
                    reader = Reader.DRIVER;
                    return filled;
                }
            }
        }
        return filled;
    }

    /** @return false when it is the first one after the rows */
    private boolean beginMessage() throws IOException {
        headerFilled = 0;
        messageLeft = payload(header[0], intAt(header, 1));
        messageIsAside = header[0] != ROW;
        if (!messageIsAside) {
            rows++;
            return true;
        }
        aside.write(header, 0, HEADER);
        return header[0] != 'c' && header[0] != 'E';
    }

    private static int payload(byte type, int length) throws IOException {
        if (length < LENGTH || (type != ROW && KNOWN.indexOf(type) < 0)) {
            throw new IOException("the server sent something that is no message of its protocol");
        }
        return length - LENGTH;
    }

    private static int intAt(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (returned.hasRemaining()) {
            int part = Math.min(length, returned.remaining());
            returned.get(into, offset, part);
            return part;
        }
        return switch (reader) {
            case DRIVER -> pass(into, offset, length);
            case DRIVER_UNTIL_COPY -> passMessage(into, offset, length);
            case TAKER -> throw new IOException("the driver read while rows were taken");
        };
    }

    private int pass(byte[] into, int offset, int length) throws IOException {
        int read = wire.read(into, offset, length);
        if (!anythingRead && read > 0) {
            anythingRead = true;
            // The answer to a request for encryption; a server that was not asked begins with an R, or an E.
            encrypted = into[offset] == 'S' || into[offset] == 'G';
        }
        return read;
    }

    private int passMessage(byte[] into, int offset, int length) throws IOException {
        if (messageLeft == 0) {
            int read = wire.read(into, offset, Math.min(length, HEADER - headerFilled));
            if (read > 0) {
                System.arraycopy(into, offset, header, headerFilled, read);
                headerFilled += read;
                if (headerFilled == HEADER) {
                    headerFilled = 0;
                    messageLeft = payload(header[0], intAt(header, 1));
                }
            }
            return read;
        }
        int read = wire.read(into, offset, Math.min(length, messageLeft));
        if (read > 0) {
            messageLeft -= read;
            if (messageLeft == 0 && header[0] == 'H') {
                reader = Reader.TAKER;
            }
        }
        return read;
    }

    @Override
    public int available() throws IOException {
        if (returned.hasRemaining()) {
            return returned.remaining();
        }
        return reader == Reader.TAKER ? 0 : wire.available();
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
