package io.watchkeeper.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time of the cluster: its database's clock, read at every check-in and counted on by the processor in between. So agents
 * whose hosts' clocks differ by minutes, or are set, agree on what is due.
 */
final class ClusterClock {

    private record Reading(Instant time, long nanos) {}

    private final LongSupplier nanos;
    private volatile @Nullable Reading last;

    /** @param nanos as {@link System#nanoTime} */
    ClusterClock(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Takes a reading of the database's clock, which was made somewhere between two moments here.
     *
     * @param host the clock of this host
     * @return how far the host's clock is ahead of the database's; negative when behind
     */
    Duration read(Instant database, long askedAt, Clock host) {
        long now = nanos.getAsLong();
        Instant presentTime = database.plusNanos((now - askedAt) / 2);
        last = new Reading(presentTime, now);
        return Duration.between(presentTime, host.instant());
    }

    /** Only after the first reading. */
    Instant instant() {
        Reading reading = Objects.requireNonNull(last, "the database's clock was not read yet");
        return reading.time().plusNanos(nanos.getAsLong() - reading.nanos());
    }
}
