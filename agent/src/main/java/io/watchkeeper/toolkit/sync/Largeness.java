package io.watchkeeper.toolkit.sync;

import io.watchkeeper.toolkit.copy.SourceMark;
import org.jspecify.annotations.Nullable;

/**
 * From when on a round goes in several transactions, so that a link that fails costs one of them and not all.
 *
 * @param bytes of rows that travel, or are compared
 * @param bytesOfStep about what one transaction brings at first
 */
record Largeness(long bytes, long bytesOfStep) {

    static final Largeness USUAL = new Largeness(256L << 20, 32L << 20);

    /** A round that cannot be divided: others rest on its being one transaction. */
    static final Largeness NEVER = new Largeness(Long.MAX_VALUE, Long.MAX_VALUE);

    private static final long PAGE = 8192;
    private static final long LEAST_ROWS = 500;

    static long bytesOf(SourceMark mark) {
        return mark.relations().stream()
                .mapToLong(relation -> relation.pages() * PAGE)
                .sum();
    }

    /** Whether so many of the table's rows are worth several transactions. */
    boolean divides(SourceMark mark, long rows, long ofRows) {
        return ofRows > 0 && (double) bytesOf(mark) / ofRows * rows >= bytes;
    }

    /** Rows of the first step. */
    long rowsOfStep(PreparedSync sync) {
        Long batch = sync.options().pace().batch();
        if (batch != null) {
            return batch;
        }
        long rows = Math.max(1, sync.source().estimatedRows());
        long width = Math.max(32, Math.max(0, sync.source().estimatedBytes()) / rows);
        return Math.max(LEAST_ROWS, bytesOfStep / width);
    }

    /** Says that a round is to go in steps; nothing was changed. */
    static final class LargeRoundException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient @Nullable Decision decision;

        /** @param decision what the round was to be; null for one that was begun before */
        LargeRoundException(@Nullable Decision decision) {
            super("a round is to go in steps");
            this.decision = decision;
        }

        @Nullable
        Decision decision() {
            return decision;
        }
    }
}
