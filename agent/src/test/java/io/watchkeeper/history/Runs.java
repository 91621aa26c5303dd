package io.watchkeeper.history;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs as the engine would announce them. */
final class Runs {

    static final Instant START = Instant.parse("2026-03-01T10:00:00.123456789Z");

    private static final AtomicLong COUNTER =
            new AtomicLong(ProcessHandle.current().pid() * 1_000_000);

    private Runs() {}

    /** Sorts after all ids made before by this process; unlike those of other processes. */
    static String id() {
        return "01JD8" + String.format(Locale.ROOT, "%021d", COUNTER.incrementAndGet());
    }

    static RunOutcome accepted(String runbook) {
        return accepted(id(), runbook);
    }

    static RunOutcome accepted(String id, String runbook) {
        return new RunOutcome(
                id,
                runbook,
                "ship-7",
                RunState.QUEUED,
                START,
                Duration.ZERO,
                false,
                RunTrigger.CLI,
                Map.of(),
                List.of(),
                null);
    }

    static RunOutcome dry(RunOutcome run) {
        return new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                run.state(),
                run.startedAt(),
                run.duration(),
                true,
                run.trigger(),
                run.params(),
                run.steps(),
                run.error());
    }

    static RunOutcome in(RunState state, RunOutcome run) {
        return ended(run, state, List.of(), null);
    }

    static RunOutcome ended(RunOutcome run, RunState state, List<StepOutcome> steps, @Nullable RunError error) {
        return new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                state,
                run.startedAt(),
                Duration.ofMillis(1234),
                run.dryRun(),
                run.trigger(),
                run.params(),
                steps,
                error);
    }

    static StepOutcome step(int index, VerbResult... results) {
        return new StepOutcome(
                index, "step " + index, RunState.SUCCEEDED, Duration.ofMillis(77), 1, List.of(results), null);
    }

    static LogLine line(String message) {
        return new LogLine(START, LogLine.Level.INFO, message);
    }

    static RunError error(RunOutcome run) {
        return Objects.requireNonNull(run.error());
    }

    static RunError error(StepOutcome step) {
        return Objects.requireNonNull(step.error());
    }

    /** A run that was accepted and has ended so. */
    static RunOutcome record(RunHistory history, String runbook, RunState state) {
        RunOutcome run = accepted(runbook);
        history.runAccepted(run);
        RunOutcome ended = in(state, run);
        history.runFinished(ended);
        return ended;
    }
}
