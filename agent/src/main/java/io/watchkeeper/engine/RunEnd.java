package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.SourceLocation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a run or a step ended, and why. */
record RunEnd(RunState state, @Nullable RunError error) {

    static final RunEnd SUCCEEDED = new RunEnd(RunState.SUCCEEDED, null);

    /** What became of a run by what became of its steps that did not succeed, in their order: being told to stop counts before a failure,
     * a failure before having nothing to do. */
    static RunEnd worst(List<RunEnd> bad) {
        List<RunEnd> failed =
                bad.stream().filter(end -> end.state() == RunState.FAILED).toList();
        RunEnd last = bad.isEmpty() ? SUCCEEDED : bad.get(bad.size() - 1);
        if (last.state() == RunState.CANCELLED || last.state() == RunState.TIMED_OUT || failed.isEmpty()) {
            return last;
        }
        RunEnd first = failed.get(0);
        return failed.size() == 1 || first.error() == null
                ? first
                : new RunEnd(RunState.FAILED, andMore(first.error(), failed.size() - 1));
    }

    private static RunError andMore(RunError first, int more) {
        return new RunError(
                first.message() + "; and " + (more == 1 ? "1 more item" : more + " more items") + " failed",
                first.hint(),
                first.file(),
                first.line(),
                first.sqlState());
    }

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
