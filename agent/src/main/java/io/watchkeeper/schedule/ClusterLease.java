package io.watchkeeper.schedule;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether this agent may act for the cluster: it may for a while after each check-in that has arrived. Counted by the processor,
 * from before the check-in was sent, so that it always ends before the others take the agent for dead.
 */
final class ClusterLease {

    private final Duration length;
    private final LongSupplier nanos;
    private volatile long renewedAt;
    private volatile boolean renewed;

    ClusterLease(Duration length, LongSupplier nanos) {
        this.length = length;
        this.nanos = nanos;
    }

    /** @param sentAt when the check-in was sent */
    void renew(long sentAt) {
        renewedAt = sentAt;
        renewed = true;
    }

    boolean holds() {
        return renewed && nanos.getAsLong() - renewedAt < length.toNanos();
    }
}
