package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.Agent;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the runbooks with their next runs. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the runbooks with their last and next runs.")
final class ListCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    ListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        JsonNode runbooks = invocation
                .client(config)
                .get("/v1/runbooks")
                .orElseGet(() -> Invocation.tree(Agent.describeRunbooks(config, invocation.clock())));
        if (json) {
            invocation.printJson(runbooks);
            return ExitStatus.OK;
        }
        Terminal terminal = invocation.terminal();
        if (runbooks.isEmpty()) {
            terminal.print("No runbooks in " + config.runbooks() + " for role "
                    + config.host().role() + ".");
            terminal.print("    HINT: put a .groovy file there; docs/quick-start.md has one of ten lines.");
            return ExitStatus.OK;
        }
        List<JsonNode> rows = new ArrayList<>();
        runbooks.forEach(rows::add);
        Instant now = invocation.clock().instant();
        terminal.print(Table.of(
                rows,
                Table.column(
                        " ",
                        row -> row.has("lastRun")
                                ? terminal.mark(row.get("lastRun").path("state").asText())
                                : terminal.paint(Colour.DIM, "·")),
                Table.column("runbook", row -> row.path("name").asText()),
                Table.column("schedule", row -> row.path("scheduleText").asText("by hand")),
                Table.column(
                        "last run",
                        row -> row.has("lastRun")
                                ? row.get("lastRun").path("state").asText() + " "
                                        + Wording.ago(
                                                Instant.parse(row.get("lastRun")
                                                        .path("startedAt")
                                                        .asText()),
                                                now)
                                : "never"),
                Table.column("next run", row -> nextRun(row, now)),
                Table.column(
                        "what it does",
                        row -> terminal.paint(
                                Colour.DIM, row.path("description").asText()))));
        return ExitStatus.OK;
    }

    private static String nextRun(JsonNode row, Instant now) {
        if (row.path("paused").asBoolean()) {
            return "paused";
        }
        JsonNode next = row.path("nextFireTimes").path(0);
        return next.isTextual() ? Wording.in(Instant.parse(next.asText()), now) : "–";
    }
}
