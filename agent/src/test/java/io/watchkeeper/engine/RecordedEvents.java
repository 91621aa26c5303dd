package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it hears, and remembers how runs ended as the store does. */
final class RecordedEvents implements RunListener, PastRuns {

    final List<String> events = new CopyOnWriteArrayList<>();
    final List<LogLine> log = new CopyOnWriteArrayList<>();
    final List<Progress> progress = new CopyOnWriteArrayList<>();
    final List<RunOutcome> finished = new CopyOnWriteArrayList<>();

    List<String> logTexts() {
        return log.stream().map(LogLine::message).toList();
    }

    @Override
    public void runAccepted(RunOutcome run) {
        events.add("accepted " + run.runbook() + " " + run.state());
    }

    @Override
    public void runStarted(RunOutcome run) {
        events.add("started " + run.runbook() + " " + run.state());
    }

    @Override
    public void stepStarted(String runId, int stepIndex, String stepName) {
        events.add("step " + stepIndex + " " + stepName);
    }

    @Override
    public void verbFinished(String runId, int stepIndex, VerbResult result) {
        events.add("verb " + stepIndex + " " + result.verb());
    }

    @Override
    public void progressed(String runId, int stepIndex, Progress now) {
        progress.add(now);
    }

    @Override
    public void logged(String runId, LogLine line) {
        log.add(line);
    }

    @Override
    public void stepFinished(String runId, StepOutcome step) {
        events.add("step " + step.index() + " " + step.state());
    }

    @Override
    public void runFinished(RunOutcome run) {
        events.add("finished " + run.runbook() + " " + run.state());
        finished.add(run);
    }

    @Override
    public Optional<RunState> lastVerdict(String runbook) {
        return finished.stream()
                .filter(run -> run.runbook().equals(runbook) && !run.dryRun())
                .filter(run -> run.state() != RunState.SKIPPED && run.state() != RunState.CANCELLED)
                .reduce((first, second) -> second)
                .map(RunOutcome::state);
    }
}
