package io.watchkeeper.toolkit.copy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many rows the next chunk should have: as many as were asked for, or so many that a chunk takes about three seconds. What an
 * interruption costs, and how long a snapshot is held, does not depend on the link's speed then.
 */
final class ChunkSize {

    static final long SMALLEST = 1_000;
    static final long LARGEST = 200_000;

    private static final double SECONDS = 3;
    private static final long FIRST_BYTES = 8 << 20;

    /** Of a chunk that was made smaller because the link does not hold for a larger one. */
    private static final long SMALLEST_OF_SHRUNK = 10;

    private static final int SHRINK = 4;

    /** Whether it is never corrected. */
    private boolean fixed;

    private double least;
    private final double most;
    private double rows;

    private ChunkSize(boolean fixed, double rows, double most) {
        this.fixed = fixed;
        this.rows = rows;
        this.most = most;
        this.least = SMALLEST;
    }

    /** @param asked rows of every chunk; null to choose */
    static ChunkSize of(@Nullable Long asked, PreparedCopy copy) {
        if (asked != null) {
            return new ChunkSize(true, asked, asked);
        }
        long known = copy.source().estimatedRows();
        long bytes = copy.source().estimatedBytes();
        double first = known > 0 && bytes > 0 ? (double) FIRST_BYTES * known / bytes : 20_000;
        return new ChunkSize(false, Math.max(SMALLEST, Math.min(LARGEST, first)), LARGEST);
    }

    synchronized long rows() {
        return (long) rows;
    }

    /** Learns from a chunk that is in. */
    synchronized void took(long chunkRows, Duration time) {
        if (!fixed && chunkRows > 0) {
            double fitting = chunkRows * SECONDS / Math.max(1e-3, time.toNanos() / 1e9);
            rows = within(Math.max(rows / 2, Math.min(rows * 2, fitting)));
        }
    }

    /**
     * Learns from a connection that was lost before any chunk came in: the link may not hold for as long as one takes. From then on
     * also the size that was asked for is only the largest.
     *
     * @return false when chunks are as small as they may be
     */
    synchronized boolean shrink() {
        if (rows <= SMALLEST_OF_SHRUNK) {
            return false;
        }
        fixed = false;
        least = SMALLEST_OF_SHRUNK;
        rows = within(rows / SHRINK);
        return true;
    }

    /** Whether chunks that were cut earlier may be too large. */
    synchronized boolean hasShrunk() {
        return least < SMALLEST;
    }

    private double within(double wanted) {
        return Math.max(least, Math.min(most, wanted));
    }
}
