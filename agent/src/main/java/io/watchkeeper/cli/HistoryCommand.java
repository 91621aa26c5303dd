package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.freva.asciitable.HorizontalAlign;
import io.watchkeeper.cli.Terminal.Colour;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists past runs. */
@Command(name = "history", mixinStandardHelpOptions = true, description = "Shows past runs, newest first.")
final class HistoryCommand implements Callable<Integer> {

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
        StoredRuns stored = new StoredRuns(invocation);
        JsonNode runs = cluster ? stored.ofCluster(name, limit) : stored.list(name, state, limit);
        if (json) {
            invocation.printJson(runs);
            return ExitStatus.OK;
        }
        Terminal terminal = invocation.terminal();
        if (runs.isEmpty()) {
            terminal.print("No runs" + (name == null ? "" : " of " + name) + " yet.");
            return ExitStatus.OK;
        }
        List<JsonNode> rows = new ArrayList<>();
        runs.forEach(rows::add);
        if (cluster) {
            terminal.print(ofCluster(rows, terminal));
            return ExitStatus.OK;
        }
        terminal.print(Table.of(
                rows,
                Table.column(" ", run -> terminal.mark(run.path("state").asText())),
                Table.column("run", run -> run.path("runId").asText()),
                Table.column("runbook", run -> run.path("runbook").asText()),
                Table.column(
                        "started",
                        run -> Wording.time(
                                Instant.parse(run.path("startedAt").asText()),
                                invocation.clock().getZone())),
                Table.column("took", HorizontalAlign.RIGHT, Wording::duration),
                Table.column(
                        "ended",
                        run -> run.path("state").asText() + (run.path("dryRun").asBoolean() ? " (dry run)" : "")),
                Table.column(
                        "why",
                        run -> terminal.paint(
                                Colour.DIM,
                                firstLine(run.path("error").path("message").asText(""))))));
        return ExitStatus.OK;
    }

    private String ofCluster(List<JsonNode> rows, Terminal terminal) {
        return Table.of(
                rows,
                Table.column(" ", run -> terminal.mark(run.path("state").asText())),
                Table.column("runbook", run -> run.path("runbook").asText()),
                Table.column(
                        "due",
                        run -> Wording.time(
                                Instant.parse(run.path("fireTime").asText()),
                                invocation.clock().getZone())),
                Table.column("host", run -> run.path("host").asText("")),
                Table.column("run", run -> run.path("runId").asText("")),
                Table.column("state", run -> run.path("state").asText()),
                Table.column(
                        "times begun",
                        HorizontalAlign.RIGHT,
                        run -> run.path("attempts").asText()),
                Table.column(
                        "why",
                        run -> terminal.paint(
                                Colour.DIM,
                                firstLine(run.path("error").path("message").asText("")))));
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > 70 ? line.substring(0, 69) + "…" : line;
    }
}
