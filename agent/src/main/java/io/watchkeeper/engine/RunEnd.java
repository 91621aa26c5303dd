package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.SourceLocation;
import org.jspecify.annotations.Nullable;

/** How a run or a step ended, and why. */
record RunEnd(RunState state, @Nullable RunError error) {

    static final RunEnd SUCCEEDED = new RunEnd(RunState.SUCCEEDED, null);

    /**
     * What a failure means: once the work was told to stop, that is why it failed, whatever it says itself.
     *
     * @param signal of the work that failed
     * @param where the failure is placed when it does not show a place itself
     */
    static RunEnd of(Throwable failure, ActiveRun run, StopSignal signal, @Nullable SourceLocation where) {
        RunErrors errors = new RunErrors(run.runbook().location(), run.dryRun());
        StopReason stop = signal.reason().orElse(null);
        if (stop != null) {
            return new RunEnd(stop.state(), errors.at(stop.message(), stop.hint(), failure, where, null));
        }
        if (failure instanceof RunSkippedException skipped) {
            return new RunEnd(
                    RunState.SKIPPED,
                    errors.at(String.valueOf(skipped.getMessage()), skipped.hint(), failure, where, null));
        }
        return new RunEnd(RunState.FAILED, errors.of(failure, where));
    }
}
