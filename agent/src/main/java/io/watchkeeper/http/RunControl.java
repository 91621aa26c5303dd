package io.watchkeeper.http;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.runbook.RunOutcome;
import java.util.List;

/** What this package asks of the engine. */
public interface RunControl {

    /** @throws io.watchkeeper.problem.OperatorException when the run is refused; nothing was run then */
    RunHandle start(RunRequest request);

    /** Runs of this process that have not ended, oldest first. */
    List<RunOutcome> running();

    /** @return false when no such run is running */
    boolean cancel(String runId, String reason);

    static RunControl of(RunbookRunner runner) {
        return new RunControl() {
            @Override
            public RunHandle start(RunRequest request) {
                return runner.start(request);
            }

            @Override
            public List<RunOutcome> running() {
                return runner.running();
            }

            @Override
            public boolean cancel(String runId, String reason) {
                return runner.cancel(runId, reason);
            }
        };
    }
}
