package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Stands where the runner does, and remembers what it was asked for. Runs end at once, or when the test ends them. */
final class RecordedRuns implements RunStarter {

    record Asked(
            String runbook,
            RunTrigger trigger,
            Instant at,
            @Nullable String skippedBecause) {}

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    final List<String> cancelled = new CopyOnWriteArrayList<>();
    final List<CompletableFuture<RunOutcome>> open = new CopyOnWriteArrayList<>();
    private final List<RunRequest> openRequests = new CopyOnWriteArrayList<>();
    private final Clock clock;
    volatile boolean endAtOnce = true;
    volatile @Nullable String inTheWay;
    volatile boolean refuse;
    volatile Runnable beforeRefusal = () -> {};

    RecordedRuns(Clock clock) {
        this.clock = clock;
    }

    List<Asked> of(String runbook) {
        return asked.stream().filter(a -> a.runbook().equals(runbook)).toList();
    }

    @Override
    public RunHandle start(RunRequest request) {
        if (refuse) {
            beforeRefusal.run();
            throw new OperatorException("the disk is full", null);
        }
        String other = inTheWay;
        asked.add(new Asked(request.runbook().name(), request.trigger(), clock.instant(), other));
        CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();
        if (other != null) {
            outcome.complete(outcome(request, RunState.SKIPPED, RunError.of(other, null)));
        } else if (endAtOnce) {
            outcome.complete(outcome(request, RunState.SUCCEEDED, null));
        } else {
            openRequests.add(request);
            open.add(outcome);
        }
        return new RunHandle("id", outcome);
    }

    @Override
    public RunOutcome skip(RunRequest request, String reason) {
        asked.add(new Asked(request.runbook().name(), request.trigger(), clock.instant(), reason));
        return outcome(request, RunState.SKIPPED, RunError.of(reason, null));
    }

    @Override
    public void cancel(String runId, String reason) {
        cancelled.add(reason);
        while (!open.isEmpty()) {
            open.remove(0).complete(outcome(openRequests.remove(0), RunState.CANCELLED, RunError.of(reason, null)));
        }
    }

    void endOldest(RunRequest request) {
        open.remove(0).complete(outcome(request, RunState.SUCCEEDED, null));
    }

    private RunOutcome outcome(RunRequest request, RunState state, @Nullable RunError error) {
        return new RunOutcome(
                "id",
                request.runbook().name(),
                "h",
                state,
                clock.instant(),
                Duration.ZERO,
                false,
                request.trigger(),
                Map.of(),
                List.of(),
                error);
    }
}
