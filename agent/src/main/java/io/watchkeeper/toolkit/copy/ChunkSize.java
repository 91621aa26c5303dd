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

    private final boolean fixed;
    private double rows;

    private ChunkSize(boolean fixed, double rows) {
        this.fixed = fixed;
        this.rows = rows;
    }

    /** @param asked rows of every chunk; null to choose */
    static ChunkSize of(@Nullable Long asked, PreparedCopy copy) {
        if (asked != null) {
            return new ChunkSize(true, asked);
        }
        long known = copy.source().estimatedRows();
        long bytes = copy.source().estimatedBytes();
        double first = known > 0 && bytes > 0 ? (double) FIRST_BYTES * known / bytes : 20_000;
        return new ChunkSize(false, within(first));
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

    private static double within(double rows) {
        return Math.max(SMALLEST, Math.min(LARGEST, rows));
    }
}
