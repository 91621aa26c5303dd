package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Agrees to a plan. */
@Command(
        name = "approve",
        mixinStandardHelpOptions = true,
        description =
                "Agrees to the plan that a run waits with, as the token of the configuration. Talks to the running agent.")
final class MigrateApproveCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "RUN_ID", description = "the run that asked for it")
    private String runId = "";

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    MigrateApproveCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode answer = new AgentClient(invocation.config().http())
                .change("POST", "/v1/runs/" + AgentClient.encode(runId) + "/approvals", null);
        if (json) {
            invocation.printJson(answer);
        } else {
            invocation
                    .terminal()
                    .print(answer.path("approvals").size() + " of "
                            + answer.path("needed").asInt() + " have agreed to "
                            + answer.path("subject").asText());
        }
        return ExitStatus.OK;
    }
}
