package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the running agent: Keeps a runbook from running by its schedule, also after a restart. */
@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        description = "Keeps a runbook from running by its schedule, also after a restart.")
final class PauseCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "NAME", description = "the runbook")
    private String name = "";

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    PauseCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode answer = invocation
                .client(invocation.config())
                .change("PUT", "/v1/runbooks/" + AgentClient.encode(name) + "/paused", "{\"paused\": true}");
        if (json) {
            invocation.printJson(answer);
        } else {
            invocation.terminal().print(name + " is paused.");
        }
        return ExitStatus.OK;
    }
}
