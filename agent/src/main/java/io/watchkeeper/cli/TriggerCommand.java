package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the running agent to run a runbook now. */
@Command(
        name = "trigger",
        mixinStandardHelpOptions = true,
        description = "Asks the running agent to run a runbook now.")
final class TriggerCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "NAME", description = "the runbook")
    private String name = "";

    @Option(names = "-P", paramLabel = "key=value", description = "a parameter of the runbook")
    private Map<String, String> params = new LinkedHashMap<>();

    @Option(names = "--dry-run", description = "describe only; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    TriggerCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("params", params);
        if (dryRun) {
            body.put("dryRun", true);
        }
        JsonNode accepted = invocation
                .client(invocation.config())
                .change(
                        "POST",
                        "/v1/runbooks/" + AgentClient.encode(name) + "/runs",
                        Invocation.tree(body).toString());
        if (json) {
            invocation.printJson(accepted);
        } else {
            String id = accepted.path("runId").asText();
            invocation.terminal().print("accepted · run " + id + " · watchkeeper show " + id);
        }
        return ExitStatus.OK;
    }
}
