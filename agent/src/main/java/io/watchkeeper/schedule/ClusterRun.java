package io.watchkeeper.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A due run of the cluster, as all its agents know it.
 *
 * @param trigger schedule or catchUp
 * @param state due, running, interrupted (its agent died; another one does it again), or how its run ended, as in the run document
 * @param attempts how many agents have begun it, one after another
 * @param agent who runs or ran it last, unique in the cluster; null when nobody has begun it
 * @param host the agent's host
 * @param runId in that host's history; null when it was never begun
 * @param startedAt by the database's clock, as the others
 * @param message why it was skipped, interrupted, or failed
 */
public record ClusterRun(
        String runbook,
        Instant fireTime,
        String trigger,
        String state,
        int attempts,
        @Nullable String agent,
        @Nullable String host,
        @Nullable String runId,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String message) {

    static final String DUE = "due";
    static final String RUNNING = "running";
    static final String INTERRUPTED = "interrupted";

    FireTime fire() {
        return new FireTime(runbook, fireTime);
    }

    boolean isRunning() {
        return state.equals(RUNNING);
    }
}
