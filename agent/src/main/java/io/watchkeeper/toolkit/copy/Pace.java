package io.watchkeeper.toolkit.copy;

import io.watchkeeper.units.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * How fast a copy may go, and what makes it wait. All of it optional.
 *
 * @param workers streams at once; null for as many as pay
 * @param batch rows of a chunk; null for a size chosen from the table and corrected while it runs
 * @param rateLimit per second over all streams; null for as fast as it goes
 * @param maxReplicationLag no new chunk begins while a standby of the target is further behind; null for no limit
 * @param maxActiveSessions no new chunk begins while more other sessions are active on the source or on the target; null for no
 *     limit
 * @param usualWorkers this host's setting, which counts where workers is null; it never makes a copy one in chunks. Null for none
 */
public record Pace(
        @Nullable Integer workers,
        @Nullable Long batch,
        @Nullable Bytes rateLimit,
        @Nullable Bytes maxReplicationLag,
        @Nullable Integer maxActiveSessions,
        @Nullable Integer usualWorkers) {

    /** As fast as it goes. */
    public static final Pace FREE = new Pace(null, null, null, null, null, null);

    public Pace withWorkers(@Nullable Integer newWorkers) {
        return new Pace(newWorkers, batch, rateLimit, maxReplicationLag, maxActiveSessions, usualWorkers);
    }

    public Pace withBatch(@Nullable Long newBatch) {
        return new Pace(workers, newBatch, rateLimit, maxReplicationLag, maxActiveSessions, usualWorkers);
    }

    public Pace withRateLimit(@Nullable Bytes newRateLimit) {
        return new Pace(workers, batch, newRateLimit, maxReplicationLag, maxActiveSessions, usualWorkers);
    }

    public Pace withMaxReplicationLag(@Nullable Bytes newMaxReplicationLag) {
        return new Pace(workers, batch, rateLimit, newMaxReplicationLag, maxActiveSessions, usualWorkers);
    }

    public Pace withMaxActiveSessions(@Nullable Integer newMaxActiveSessions) {
        return new Pace(workers, batch, rateLimit, maxReplicationLag, newMaxActiveSessions, usualWorkers);
    }

    public Pace withUsualWorkers(@Nullable Integer newUsualWorkers) {
        return new Pace(workers, batch, rateLimit, maxReplicationLag, maxActiveSessions, newUsualWorkers);
    }

    /** Streams that were asked for, by the copy or else for this host; null for as many as pay. */
    @Nullable
    public Integer workersAskedFor() {
        return workers != null ? workers : usualWorkers;
    }
}
