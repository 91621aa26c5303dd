package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.cli.Terminal.Colour;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists past runs. */
@Command(name = "history", mixinStandardHelpOptions = true, description = "Shows past runs, newest first.")
final class HistoryCommand implements Callable<Integer> {

    private static final int NARROWEST_REASON = 20;

    private final Invocation invocation;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "only runs of this runbook")
    private @Nullable String name;

    @Option(names = "--state", paramLabel = "STATE", description = "only runs in this state")
    private @Nullable String state;

    @Option(
            names = "--cluster",
            description = "the runs of the cluster's runbooks, on whichever agent, from the running agent")
    private boolean cluster;

    @Option(names = "--limit", paramLabel = "N", description = "at most this many (default: ${DEFAULT-VALUE})")
    private int limit = 50;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    @Mixin
    private final WatchOption watch = new WatchOption();

    HistoryCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (limit < 1 || limit > 500) {
            throw new UsageException("--limit is " + limit, "give a number from 1 to 500.");
        }
        if (cluster && state != null) {
            throw new UsageException("--cluster and --state do not go together", "leave one of them out.");
        }
        if (json && !watch.isAsked()) {
            invocation.printJson(runs());
            return ExitStatus.OK;
        }
        return watch.show(invocation, json, lines -> {
            table(runs()).lines().forEach(lines::add);
            return ExitStatus.OK;
        });
    }

    private JsonNode runs() {
        StoredRuns stored = new StoredRuns(invocation);
        return cluster ? stored.ofCluster(name, limit) : stored.list(name, state, limit);
    }

    private String table(JsonNode runs) {
        if (runs.isEmpty()) {
            return "No runs" + (name == null ? "" : " of " + name) + " yet.";
        }
        List<JsonNode> rows = new ArrayList<>();
        runs.forEach(rows::add);
        return cluster ? ofCluster(rows) : ofHost(rows);
    }

    private String ofHost(List<JsonNode> rows) {
        Terminal terminal = invocation.terminal();
        return Table.of(
                terminal,
                rows,
                Table.column(" ", run -> terminal.mark(run.path("state").asText())),
                Table.column("run", run -> run.path("runId").asText()),
                Table.column("runbook", run -> run.path("runbook").asText()),
                Table.column("started", run -> time(run, "startedAt")),
                Table.spareRight("took", 1, Wording::duration),
                Table.spare(
                        "ended",
                        2,
                        Integer.MAX_VALUE,
                        run -> run.path("state").asText() + (run.path("dryRun").asBoolean() ? " (dry run)" : "")),
                Table.spare("why", 3, NARROWEST_REASON, this::why));
    }

    private String ofCluster(List<JsonNode> rows) {
        Terminal terminal = invocation.terminal();
        return Table.of(
                terminal,
                rows,
                Table.column(" ", run -> terminal.mark(run.path("state").asText())),
                Table.column("runbook", run -> run.path("runbook").asText()),
                Table.column("due", run -> time(run, "fireTime")),
                Table.column("host", run -> run.path("host").asText("")),
                Table.spare(
                        "run", 2, Integer.MAX_VALUE, run -> run.path("runId").asText("")),
                Table.column("state", run -> run.path("state").asText()),
                Table.spareRight("times begun", 1, run -> run.path("attempts").asText()),
                Table.spare("why", 3, NARROWEST_REASON, this::why));
    }

    private String time(JsonNode run, String field) {
        return Wording.time(
                Instant.parse(run.path(field).asText()), invocation.clock().getZone());
    }

    private String why(JsonNode run) {
        String reason = firstLine(run.path("error").path("message").asText(""));
        return reason.isEmpty() ? "" : invocation.terminal().paint(Colour.DIM, reason);
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > 70 ? line.substring(0, 69) + "…" : line;
    }
}
