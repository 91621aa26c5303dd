package io.watchkeeper.postgres;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What passes over one connection, as far as it shows whether the other end still answers. Written by whoever uses the connection
 * and read by the watch; all times are of {@link System#nanoTime}.
 */
final class LinkTraffic {

    /**
     * More than a system takes in without having sent it. When so much more could be written, what was written before has
     * arrived.
     */
    private static final long MORE_THAN_BUFFERS_HOLD = 8 << 20;

    private volatile boolean reading;
    private volatile boolean writing;
    private volatile long heard = System.nanoTime();
    /** Since when the other end owes a sign of life, which an answer, or what it demonstrably took, renews. */
    private volatile long quietSince = heard;
    /** Bytes sent since it was last heard. */
    private volatile long unanswered;

    private long lastMark;
    private long lastMarkAt;

    /** Whether somebody waits for the other end now, or it was sent something and has said nothing since. */
    boolean isWaiting() {
        return reading || writing || unanswered > 0;
    }

    /** Whether somebody cannot go on before the other end does something. */
    boolean isBlocked() {
        return reading || writing;
    }

    long quietSince() {
        return quietSince;
    }

    /** When a byte came last. */
    long heard() {
        return heard;
    }

    long unanswered() {
        return unanswered;
    }

    private void sent(int count) {
        long before = unanswered;
        long now = System.nanoTime();
        if (before == 0) {
            quietSince = now;
            lastMark = 0;
            lastMarkAt = now;
        } else if (before - lastMark >= MORE_THAN_BUFFERS_HOLD) {
            quietSince = lastMarkAt;
            lastMark = before;
            lastMarkAt = now;
        }
        unanswered = before + count;
    }

    private void received() {
        unanswered = 0;
        heard = System.nanoTime();
        quietSince = heard;
    }

    InputStream in(InputStream wire) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                reading = true;
                try {
                    int count = wire.read(into, offset, length);
                    received();
                    return count;
                } finally {
                    reading = false;
                }
            }

            @Override
            public int available() throws IOException {
                return wire.available();
            }

            @Override
            public void close() throws IOException {
                wire.close();
            }
        };
    }

    OutputStream out(OutputStream wire) {
        return new FilterOutputStream(wire) {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                sent(length);
                writing = true;
                try {
                    out.write(bytes, offset, length);
                } finally {
                    writing = false;
                }
            }
        };
    }
}
