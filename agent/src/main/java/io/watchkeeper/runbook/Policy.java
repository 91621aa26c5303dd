package io.watchkeeper.runbook;

import java.time.Duration;
import java.util.List;

/**
 * How a runbook is run.
 *
 * @param timeout of the whole run, retries and waiting for locks included
 * @param attempts of one step, 1 for no retry
 * @param backOff before the second attempt; doubles from then on, with jitter
 * @param locks names; runs that share one never overlap on this host
 * @param scope where its schedule runs it
 */
public record Policy(
        Duration timeout, int attempts, Duration backOff, Overlap overlap, List<String> locks, Scope scope) {

    /** The policy of a runbook that states none: an hour, no retry, overlapping runs skipped, no locks. */
    public static final Policy DEFAULT =
            new Policy(Duration.ofHours(1), 1, Duration.ofSeconds(10), Overlap.SKIP, List.of());

    public Policy {
        locks = List.copyOf(locks);
    }

    /** Of a runbook that runs on every host. */
    public Policy(Duration timeout, int attempts, Duration backOff, Overlap overlap, List<String> locks) {
        this(timeout, attempts, backOff, overlap, locks, Scope.HOST);
    }

    /** Where a schedule runs its runbook when several agents have loaded it. */
    public enum Scope {
        /** On each of them. */
        HOST,
        /** On exactly one of those that share a cluster's database. */
        CLUSTER
    }

    /** What happens to a run whose runbook is already running. */
    public enum Overlap {
        /** The new run is skipped and recorded. */
        SKIP,
        /** The new run waits for the old one to end. */
        QUEUE,
        /** The old run is cancelled, then the new one starts. */
        REPLACE
    }
}
