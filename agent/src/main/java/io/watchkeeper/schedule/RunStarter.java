package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.runbook.RunOutcome;

/** What the scheduler needs of the runner. */
interface RunStarter {

    /** Accepts the run and returns while it goes on. */
    RunHandle start(RunRequest request);

    /** Records that the run was not started, and why. */
    RunOutcome skip(RunRequest request, String reason);

    /** Asks the run to stop; nothing happens when it has ended. */
    void cancel(String runId, String reason);

    static RunStarter of(RunbookRunner runner) {
        return new RunStarter() {
            @Override
            public RunHandle start(RunRequest request) {
                return runner.start(request);
            }

            @Override
            public RunOutcome skip(RunRequest request, String reason) {
                return runner.skip(request, reason);
            }

            @Override
            public void cancel(String runId, String reason) {
                runner.cancel(runId, reason);
            }
        };
    }
}
