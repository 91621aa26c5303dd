package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says how the agent is. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "Says whether the agent runs, what it is doing and what is wrong. Exit status 1 when something is.")
final class StatusCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    StatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        AgentClient client = invocation.client(config);
        Optional<JsonNode> status = client.get("/v1/status");
        if (json) {
            invocation.printJson(status.<Object>map(s -> s).orElseGet(() -> notRunning(client)));
        } else if (status.isEmpty()) {
            invocation.terminal().print(bullet(false) + "no agent answers at " + client.address());
            invocation
                    .terminal()
                    .print("   HINT: start it with 'systemctl start watchkeeper' or 'watchkeeper agent'."
                            + " 'watchkeeper history' reads the store without it.");
        } else {
            print(status.get());
        }
        boolean well = status.isPresent() && status.get().path("attention").isEmpty();
        return well ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private static Map<String, Object> notRunning(AgentClient client) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("running", false);
        document.put("address", client.address());
        return document;
    }

    private void print(JsonNode status) {
        Terminal terminal = invocation.terminal();
        JsonNode attention = status.path("attention");
        terminal.print(bullet(attention.isEmpty())
                + terminal.paint(Colour.BOLD, status.path("headline").asText()));
        terminal.print("   " + status.path("host").asText() + ", role "
                + status.path("role").asText() + ", version "
                + status.path("version").asText() + ", up "
                + DurationText.say(
                        Duration.ofSeconds(status.path("uptimeSeconds").asLong())));
        for (JsonNode item : attention) {
            terminal.print(" " + terminal.paint(Colour.RED, "✖") + " "
                    + item.path("message").asText());
            if (item.hasNonNull("hint")) {
                terminal.print("   HINT: " + item.get("hint").asText());
            }
        }
        for (JsonNode run : status.path("running")) {
            terminal.print(" ● running " + run.path("runbook").asText() + " for " + Wording.duration(run) + " · run "
                    + run.path("runId").asText());
        }
        printHeavy(status.path("heavy"));
    }

    private void printHeavy(JsonNode heavy) {
        Terminal terminal = invocation.terminal();
        for (JsonNode strain : heavy.path("strains")) {
            terminal.print(" " + terminal.paint(Colour.AMBER, "▲") + " heavy work gives way: "
                    + strain.path("message").asText());
        }
        for (JsonNode job : heavy.path("waiting")) {
            terminal.print(" ◌ " + job.path("runbook").asText() + " "
                    + job.path("reason").asText() + ", "
                    + ArbiterState.inLine(job.path("place").asInt()) + " · run "
                    + job.path("runId").asText());
        }
    }

    private String bullet(boolean well) {
        Terminal terminal = invocation.terminal();
        return well ? terminal.paint(Colour.GREEN, " ● ") : terminal.paint(Colour.RED, " ✖ ");
    }
}
