package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    CancelCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode answer =
                invocation.client(invocation.config()).change("DELETE", "/v1/runs/" + AgentClient.encode(runId), null);
        if (json) {
            invocation.printJson(answer);
        } else {
            invocation.terminal().print("cancelling run " + runId);
        }
        return ExitStatus.OK;
    }
}
