package io.watchkeeper.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run as far as it has got; final once {@link RunState#isFinal()}.
 *
 * @param runId 26 characters, sorts by time of creation
 * @param duration so far, or in all
 * @param error why it failed, was cancelled, timed out or was skipped
 * @param checklist what kind of checklist it went through; null when its runbook is none
 * @param by who asked for it; null for runs that were recorded before this was
 */
public record RunOutcome(
        String runId,
        String runbook,
        String host,
        RunState state,
        Instant startedAt,
        Duration duration,
        boolean dryRun,
        RunTrigger trigger,
        Map<String, String> params,
        List<StepOutcome> steps,
        @Nullable RunError error,
        @Nullable Checklist checklist,
        @Nullable Requester by) {
    public RunOutcome {
        params = Map.copyOf(params);
        steps = List.copyOf(steps);
    }

    /** Of a runbook that is no checklist, asked for by nobody in particular. */
    public RunOutcome(
            String runId,
            String runbook,
            String host,
            RunState state,
            Instant startedAt,
            Duration duration,
            boolean dryRun,
            RunTrigger trigger,
            Map<String, String> params,
            List<StepOutcome> steps,
            @Nullable RunError error) {
        this(runId, runbook, host, state, startedAt, duration, dryRun, trigger, params, steps, error, null, null);
    }

    /** The same, of a checklist. */
    public RunOutcome asChecklist(@Nullable Checklist kind) {
        return new RunOutcome(
                runId, runbook, host, state, startedAt, duration, dryRun, trigger, params, steps, error, kind, by);
    }
}
