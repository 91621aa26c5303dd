package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;

/**
 * Hears what happens to runs: in order, and one event of a run at a time. Most events come in the run's own thread, results,
 * progress and log lines also from the threads of a parallel verb; be quick. A listener that throws is logged and does not
 * disturb the run, except in {@link #runAccepted}, where it refuses the run: a run that cannot be recorded does not start.
 */
public interface RunListener {

    /** The run has its id and is queued or about to start; state is QUEUED. Dry runs are announced too. */
    default void runAccepted(RunOutcome run) {}

    /** Locks are held, guards passed; state is RUNNING. */
    default void runStarted(RunOutcome run) {}

    /** Once for each step that is tried, however often. The hooks onFailure and onRecovery follow as steps of these names. */
    default void stepStarted(String runId, int stepIndex, String stepName) {}

    /** A result of the present attempt; when the step is tried again, what it had reported before does not count. */
    default void verbFinished(String runId, int stepIndex, VerbResult result) {}

    /**
     * A few times a second for each subject, the last state before the next result, and once that a subject is finished. Several
     * subjects may be worked on at once; a {@link ProgressBoard} keeps them apart.
     */
    default void progressed(String runId, int stepIndex, Progress progress) {}

    default void logged(String runId, LogLine line) {}

    /** The step with the results of its last attempt. Steps after a failed one are told as skipped, without having started. */
    default void stepFinished(String runId, StepOutcome step) {}

    /** The run has ended, in any final state, also when it never started. */
    default void runFinished(RunOutcome run) {}
}
