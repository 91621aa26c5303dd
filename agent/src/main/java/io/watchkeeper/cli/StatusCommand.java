package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how the agent is. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "Says whether the agent runs, what it is doing and what is wrong. Exit status 1 when something is.")
final class StatusCommand implements Callable<Integer> {

    private static final int MOST_NEXT = 6;

    private final Invocation invocation;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    @Mixin
    private final WatchOption watch = new WatchOption();

    StatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        AgentClient client = invocation.client(config);
        if (json && !watch.isAsked()) {
            Optional<JsonNode> status = client.get("/v1/status");
            invocation.printJson(status.<Object>map(s -> s).orElseGet(() -> notRunning(client)));
            return exitStatus(status);
        }
        return watch.show(invocation, json, lines -> look(client, lines));
    }

    private int look(AgentClient client, List<String> lines) {
        Optional<JsonNode> status = client.get("/v1/status");
        if (status.isEmpty()) {
            lines.add(bullet(false) + "no agent answers at " + client.address());
            lines.add("   HINT: start it with 'systemctl start watchkeeper' or 'watchkeeper agent'."
                    + " 'watchkeeper history' reads the store without it.");
        } else {
            describe(status.get(), client, lines);
            client.get("/v1/runbooks").ifPresent(runbooks -> next(runbooks, lines));
        }
        return exitStatus(status);
    }

    private static int exitStatus(Optional<JsonNode> status) {
        boolean well = status.isPresent() && status.get().path("attention").isEmpty();
        return well ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private static Map<String, Object> notRunning(AgentClient client) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("running", false);
        document.put("address", client.address());
        return document;
    }

    private void describe(JsonNode status, AgentClient client, List<String> lines) {
        Terminal terminal = invocation.terminal();
        JsonNode attention = status.path("attention");
        lines.add(bullet(attention.isEmpty())
                + terminal.paint(Colour.BOLD, status.path("headline").asText()));
        lines.add("   " + status.path("host").asText() + ", role "
                + status.path("role").asText() + ", version "
                + status.path("version").asText() + ", up "
                + DurationText.say(
                        Duration.ofSeconds(status.path("uptimeSeconds").asLong())));
        for (JsonNode item : attention) {
            lines.addAll(terminal.wrapped(
                    " " + terminal.paint(Colour.RED, "✖") + " ",
                    item.path("message").asText()));
            if (item.hasNonNull("hint")) {
                // Whole: it is there to be copied.
                lines.add("   HINT: " + item.get("hint").asText());
            }
        }
        for (JsonNode run : status.path("running")) {
            lines.add(" ● running " + run.path("runbook").asText() + " for " + Wording.duration(run) + " · run "
                    + run.path("runId").asText());
            client.get("/v1/runs/" + run.path("runId").asText())
                    .ifPresent(whole -> lines.addAll(RunningProgress.of(whole, terminal.width())));
        }
        heavy(status.path("heavy"), lines);
        for (JsonNode paused : status.path("paused")) {
            lines.add(" ‖ " + paused.asText() + " is paused: watchkeeper resume " + paused.asText());
        }
    }

    private void heavy(JsonNode heavy, List<String> lines) {
        Terminal terminal = invocation.terminal();
        for (JsonNode strain : heavy.path("strains")) {
            lines.add(" " + terminal.paint(Colour.AMBER, "▲") + " heavy work gives way: "
                    + strain.path("message").asText());
        }
        for (JsonNode job : heavy.path("waiting")) {
            lines.add(" ◌ " + job.path("runbook").asText() + " "
                    + job.path("reason").asText() + ", "
                    + ArbiterState.inLine(job.path("place").asInt()) + " · run "
                    + job.path("runId").asText());
        }
    }

    /** What the schedules will start next. */
    private void next(JsonNode runbooks, List<String> lines) {
        record Next(Instant at, String name) {}
        List<Next> soonest = new ArrayList<>();
        for (JsonNode runbook : runbooks) {
            JsonNode time = runbook.path("nextFireTimes").path(0);
            if (time.isTextual() && !runbook.path("paused").asBoolean()) {
                soonest.add(new Next(
                        Instant.parse(time.asText()), runbook.path("name").asText()));
            }
        }
        soonest.sort(Comparator.comparing(Next::at).thenComparing(Next::name));
        Instant now = invocation.clock().instant();
        Terminal terminal = invocation.terminal();
        soonest.stream()
                .limit(MOST_NEXT)
                .forEach(run ->
                        lines.add(terminal.paint(Colour.DIM, " ◷ " + run.name() + " " + Wording.in(run.at(), now))));
    }

    private String bullet(boolean well) {
        Terminal terminal = invocation.terminal();
        return well ? terminal.paint(Colour.GREEN, " ● ") : terminal.paint(Colour.RED, " ✖ ");
    }
}
