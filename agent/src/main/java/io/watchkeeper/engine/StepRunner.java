package io.watchkeeper.engine;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.runbook.StepOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the steps of one run. */
final class StepRunner {

    private static final Logger LOG = LoggerFactory.getLogger(StepRunner.class);

    private final ActiveRun run;
    private final DatabasePools databases;

    StepRunner(ActiveRun run, DatabasePools databases) {
        this.run = run;
        this.databases = databases;
    }

    /**
     * Runs them in order until one does not succeed; those after it are listed as skipped. The items of a checklist are all done, unless
     * the run is told to stop.
     */
    RunEnd runSteps() {
        List<RunEnd> bad = new ArrayList<>();
        List<Step> steps = run.runbook().steps();
        for (int index = 0; index < steps.size(); index++) {
            Step step = steps.get(index);
            if (bad.isEmpty() || goesOn()) {
                RunEnd end = runStep(index, step);
                if (end.state() != RunState.SUCCEEDED) {
                    bad.add(end);
                }
            } else {
                run.stepFinished(
                        new StepOutcome(index, step.name(), RunState.SKIPPED, Duration.ZERO, 0, List.of(), null));
            }
        }
        return RunEnd.worst(bad);
    }

    private boolean goesOn() {
        return run.runbook().checklist() != null && run.signal().reason().isEmpty();
    }

    private RunEnd runStep(int index, Step step) {
        StepRecord record = new StepRecord(index, step.name());
        run.stepStarted(record);
        RunEnd end;
        try {
            new Attempts(run).run("step '" + step.name() + "'", () -> {
                record.beginAttempt();
                runBody(step.body(), record, run.signal(), run.deadline(), run::timeLeft, null);
            });
            end = RunEnd.SUCCEEDED;
        } catch (Exception | Error e) {
            end = RunEnd.of(e, run, run.signal(), step.location());
            logFailure("step '" + step.name() + "'", end, e);
        }
        run.stepFinished(record.outcome(end.state(), end.error()));
        return end;
    }

    /** Runs a hook, which is recorded like a step after the others. Whatever becomes of it, it does not change the run's end. */
    void runHook(String name, StepBody body, StopSignal signal, Duration limit, @Nullable RunError error) {
        StepRecord record = new StepRecord(run.runbook().steps().size(), name);
        long startedNanos = System.nanoTime();
        Instant deadline = run.now().plus(limit);
        run.stepStarted(record);
        RunEnd end;
        signal.begin();
        try {
            record.beginAttempt();
            runBody(body, record, signal, deadline, () -> limit.minusNanos(System.nanoTime() - startedNanos), error);
            end = RunEnd.SUCCEEDED;
        } catch (Exception | Error e) {
            end = RunEnd.of(e, run, signal, null);
            logFailure(name, end, e);
        } finally {
            signal.end();
        }
        if (end.error() != null) {
            run.log(LogLine.Level.ERROR, name + " failed: " + end.error().message());
        }
        run.stepFinished(record.outcome(end.state(), end.error()));
    }

    /** Where a failure comes from inside the agent is for its own log only; a known problem says all of it in its message. */
    private static void logFailure(String what, RunEnd end, Throwable failure) {
        if (end.state() != RunState.FAILED) {
            return;
        }
        if (failure instanceof OperatorException) {
            LOG.debug("{} failed: {}", what, Redaction.stack(failure));
        } else {
            LOG.info("{} failed: {}", what, Redaction.stack(failure));
        }
    }

    private void runBody(
            StepBody body,
            StepRecord record,
            StopSignal signal,
            Instant deadline,
            Supplier<Duration> timeLeft,
            @Nullable RunError error)
            throws Exception {
        RunWork work = new RunWork(
                RunWork.applicationName(run.runbook().name(), run.id()),
                deadline,
                timeLeft,
                signal,
                run.dryRun(),
                progress -> run.progressed(record, progress),
                run.giveWay(signal),
                run::sharedRate);
        try {
            body.run(new RunContext(run, record, work, databases, error));
        } finally {
            work.flushProgress();
        }
    }
}
