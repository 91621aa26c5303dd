package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the running agent: Lets a paused runbook run by its schedule again. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = "Lets a paused runbook run by its schedule again.")
final class ResumeCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "NAME", description = "the runbook")
    private String name = "";

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    ResumeCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode answer = invocation
                .client(invocation.config())
                .change("PUT", "/v1/runbooks/" + AgentClient.encode(name) + "/paused", "{\"paused\": false}");
        if (json) {
            invocation.printJson(answer);
        } else {
            invocation.terminal().print(name + " is resumed.");
        }
        return ExitStatus.OK;
    }
}
