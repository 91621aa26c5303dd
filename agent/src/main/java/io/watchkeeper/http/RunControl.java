package io.watchkeeper.http;

import io.watchkeeper.engine.ArbiterState;
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

    /** Who does heavy work on this host, in whichever process, and who waits for it. */
    default ArbiterState heavy() {
        return ArbiterState.NONE;
    }

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

            @Override
            public ArbiterState heavy() {
                return runner.arbiter().state();
            }
        };
    }
}
