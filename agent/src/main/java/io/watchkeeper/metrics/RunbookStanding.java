package io.watchkeeper.metrics;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a runbook stands at a moment.
 *
 * @param failing whether its newest run that was not skipped failed or timed out
 * @param paused whether somebody has paused it
 * @param next its next fire time; null when it has no schedule of this host, or is paused
 * @param due its first fire time after its newest run that succeeded or was skipped, with all of the jitter that it may wait for: in the
 *     past when it is overdue; null like {@code next}
 * @param runningSince when the oldest of its runs began that still run; null when none does
 */
public record RunbookStanding(
        String runbook,
        boolean failing,
        boolean paused,
        @Nullable Instant next,
        @Nullable Instant due,
        @Nullable Instant runningSince) {}
