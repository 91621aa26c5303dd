package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Asks the running agent to cancel a run. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "Cancels a run: its statements are cancelled on the servers.")
final class CancelCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "RUN_ID", description = "the run's id, or its beginning")
    private String runId = "";

    CancelCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        new AgentClient(invocation.config().http()).change("DELETE", "/v1/runs/" + AgentClient.encode(runId), null);
        invocation.terminal().print("cancelling run " + runId);
        return ExitStatus.OK;
    }
}
