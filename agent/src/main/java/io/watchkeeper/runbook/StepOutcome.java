package io.watchkeeper.runbook;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a step went.
 *
 * @param index from 0.
 * @param attempts how often it was tried, at least 1 unless skipped
 */
public record StepOutcome(
        int index,
        String name,
        RunState state,
        Duration duration,
        int attempts,
        List<VerbResult> results,
        @Nullable RunError error) {
    public StepOutcome {
        results = List.copyOf(results);
    }
}
