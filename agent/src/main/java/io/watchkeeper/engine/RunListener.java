package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;

/**
 * Hears what happens to runs, in order for each run, in the run's thread: be quick. A listener that throws is logged and
 * does not disturb the run, except in {@link #runAccepted}, where it refuses the run: a run that cannot be recorded does not
 * start.
 */
public interface RunListener {

    /** The run has its id and is queued or about to start; state is QUEUED. Dry runs are announced too. */
    default void runAccepted(RunOutcome run) {}

    /** Locks are held, guards passed; state is RUNNING. */
    default void runStarted(RunOutcome run) {}

    default void stepStarted(String runId, int stepIndex, String stepName) {}

    default void verbFinished(String runId, int stepIndex, VerbResult result) {}

    default void progressed(String runId, int stepIndex, Progress progress) {}

    default void logged(String runId, LogLine line) {}

    default void stepFinished(String runId, StepOutcome step) {}

    /** The run has ended, in any final state, also when it never started. */
    default void runFinished(RunOutcome run) {}
}
