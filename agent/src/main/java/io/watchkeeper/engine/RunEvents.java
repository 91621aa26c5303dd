package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells all listeners about one run, one event at a time, and keeps their failures away from the run and each other. */
final class RunEvents {

    private static final Logger LOG = LoggerFactory.getLogger(RunEvents.class);

    private final List<RunListener> listeners;

    RunEvents(List<RunListener> listeners) {
        this.listeners = listeners;
    }

    /**
     * Announces the run. When a listener refuses it, those who had accepted it hear that it has ended.
     *
     * @throws OperatorException when a listener refuses it
     */
    synchronized void runAccepted(RunOutcome run) {
        List<RunListener> accepted = new ArrayList<>();
        for (RunListener listener : listeners) {
            try {
                listener.runAccepted(run);
                accepted.add(listener);
            } catch (RuntimeException e) {
                LOG.error("run {} of {} cannot be accepted", run.runId(), run.runbook(), e);
                OperatorException refusal = refusal(run, e);
                RunOutcome refused = refused(run, refusal);
                accepted.forEach(one -> tell(one, l -> l.runFinished(refused)));
                throw refusal;
            }
        }
    }

    private static OperatorException refusal(RunOutcome run, RuntimeException e) {
        if (e instanceof OperatorException operator) {
            return operator;
        }
        return new OperatorException(
                "a run of '" + run.runbook() + "' cannot be recorded, so it was not started: " + e.getMessage(),
                "look into the agent's log for what is wrong with its state directory.",
                e);
    }

    private static RunOutcome refused(RunOutcome run, OperatorException refusal) {
        return new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                RunState.FAILED,
                run.startedAt(),
                run.duration(),
                run.dryRun(),
                run.trigger(),
                run.params(),
                List.of(),
                RunError.of(String.valueOf(refusal.getMessage()), refusal.hint()),
                run.checklist(),
                run.by());
    }

    void runStarted(RunOutcome run) {
        tellAll(listener -> listener.runStarted(run));
    }

    void stepStarted(String runId, int index, String name) {
        tellAll(listener -> listener.stepStarted(runId, index, name));
    }

    void verbFinished(String runId, int index, VerbResult result) {
        tellAll(listener -> listener.verbFinished(runId, index, result));
    }

    void progressed(String runId, int index, Progress progress) {
        tellAll(listener -> listener.progressed(runId, index, progress));
    }

    void logged(String runId, LogLine line) {
        tellAll(listener -> listener.logged(runId, line));
    }

    void stepFinished(String runId, StepOutcome step) {
        tellAll(listener -> listener.stepFinished(runId, step));
    }

    void runFinished(RunOutcome run) {
        tellAll(listener -> listener.runFinished(run));
    }

    private synchronized void tellAll(Consumer<RunListener> event) {
        // A listener that writes a file or waits for a lock must not suffer from the run being interrupted.
        boolean interrupted = Thread.interrupted();
        try {
            listeners.forEach(listener -> tell(listener, event));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void tell(RunListener listener, Consumer<RunListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "{} failed on an event; the run goes on",
                    listener.getClass().getName(),
                    e);
        }
    }
}
