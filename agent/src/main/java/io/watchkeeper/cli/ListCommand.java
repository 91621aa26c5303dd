package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.HostLook;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private final WatchOption watch = new WatchOption();

    ListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        if (json && !watch.isAsked()) {
            invocation.printJson(runbooks(config));
            return ExitStatus.OK;
        }
        return watch.show(invocation, json, lines -> {
            JsonNode runbooks = runbooks(config);
            if (runbooks.isEmpty()) {
                lines.add("No runbooks in " + config.runbooks() + " for role "
                        + config.host().role() + ".");
                lines.add("    HINT: 'watchkeeper new NAME --from sync' writes one; docs/quick-start.md has one of ten"
                        + " lines.");
            } else {
                table(runbooks).lines().forEach(lines::add);
            }
            return ExitStatus.OK;
        });
    }

    private JsonNode runbooks(AgentConfig config) {
        return invocation
                .client(config)
                .get("/v1/runbooks")
                .orElseGet(() -> Invocation.tree(HostLook.describeRunbooks(config, invocation.clock())));
    }

    private String table(JsonNode runbooks) {
        Terminal terminal = invocation.terminal();
        List<JsonNode> rows = new ArrayList<>();
        runbooks.forEach(rows::add);
        Instant now = invocation.clock().instant();
        return Table.of(
                terminal,
                rows,
                Table.column(
                        " ",
                        row -> row.has("lastRun")
                                ? terminal.mark(row.get("lastRun").path("state").asText())
                                : terminal.paint(Colour.DIM, "·")),
                Table.column("runbook", row -> row.path("name").asText()),
                Table.spare("schedule", 1, 18, row -> row.path("scheduleText").asText("by hand")),
                Table.column("last run", row -> lastRun(row, now)),
                Table.column("next run", row -> nextRun(row, now)),
                Table.spare(
                        "what it does",
                        2,
                        24,
                        row -> terminal.paint(
                                Colour.DIM, row.path("description").asText())));
    }

    private static String lastRun(JsonNode row, Instant now) {
        JsonNode run = row.path("lastRun");
        return run.isObject()
                ? run.path("state").asText() + " "
                        + Wording.ago(Instant.parse(run.path("startedAt").asText()), now)
                : "never";
    }

    private static String nextRun(JsonNode row, Instant now) {
        if (row.path("paused").asBoolean()) {
            return "paused";
        }
        JsonNode next = row.path("nextFireTimes").path(0);
        return next.isTextual() ? Wording.in(Instant.parse(next.asText()), now) : "–";
    }
}
