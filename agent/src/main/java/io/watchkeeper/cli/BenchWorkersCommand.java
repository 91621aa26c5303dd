package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.BenchRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how many workers pay for a table; recorded as a run of {@code bench}. */
@Command(
        name = "workers",
        mixinStandardHelpOptions = true,
        description = {
            "Copies a part of a table with one worker, two and so on, and recommends a number.",
            "The rows go into a table of the target's schema 'watchkeeper' that is made for it and dropped at the end;"
                    + " nothing of yours is changed. Each copy has as many rows as one worker copies in 20 s, all of it"
                    + " takes some minutes. Ctrl-C ends it cleanly."
        })
final class BenchWorkersCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--from", required = true, paramLabel = "DB", description = "the database the rows come from")
    private String from = "";

    @Option(names = "--to", required = true, paramLabel = "DB", description = "the database the rows go to")
    private String to = "";

    @Option(
            names = "--table",
            required = true,
            paramLabel = "T",
            description = "a table that both have, best a large one")
    private String table = "";

    @Option(
            names = "--max",
            paramLabel = "N",
            description = "measure 1 to N workers; default 8, or as many as maxConnections allows")
    private @Nullable Integer most;

    @Option(
            names = "--rows",
            paramLabel = "R",
            description = "rows of each copy, about; default what one worker copies in 20 s")
    private @Nullable Long rows;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "1h";

    @Option(names = "--dry-run", description = "show the SQL and the locks; measure and change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    BenchWorkersCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        BenchRequest request = request();
        return new ForegroundRun(invocation, dryRun, json)
                .afterwards(this::print)
                .run(
                        (agent, config) -> {
                            PairOptions.requireDatabase(config, from);
                            PairOptions.requireDatabase(config, to);
                            return request.runbook();
                        },
                        Map.of());
    }

    private BenchRequest request() {
        Duration limit = DurationText.parse(timeout)
                .orElseThrow(() -> new UsageException("--timeout is '" + timeout + "'", "give a time, as 30m or 2h."));
        try {
            return new BenchRequest(from, to, table, most, rows, limit);
        } catch (OperatorException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e.hint());
        }
    }

    /** The table of a run that has one. */
    private void print(JsonNode run) {
        JsonNode result = run.at("/steps/0/results/0");
        if (!result.has("measured")) {
            return;
        }
        List<JsonNode> lines = new ArrayList<>();
        result.path("measured").forEach(lines::add);
        Terminal terminal = invocation.terminal();
        terminal.print("");
        terminal.print(Table.of(
                terminal,
                lines,
                number("workers", line -> line.path("workers").asText()),
                number(
                        "rows/s",
                        line -> Wording.grouped(line.path("rowsPerSecond").asLong())),
                number("MB/s", line -> decimal(line.path("bytesPerSecond").asDouble() / 1e6)),
                number(
                        "gain",
                        line -> String.format(
                                Locale.ROOT, "%.2f", line.path("gain").asDouble())),
                number("CPU of this host", line -> percent(line.path("cpuOfHost"))),
                number("waiting for " + from, line -> percent(line.path("waitingForSource"))),
                number("waiting for " + to, line -> percent(line.path("waitingForTarget")))));
        terminal.print("");
        terminal.print(" Recommended: "
                + terminal.paint(Terminal.Colour.BOLD, result.path("line").asText()) + "   ("
                + result.path("reason").asText() + ")");
        result.path("notes").forEach(note -> terminal.print(" · " + note.asText()));
    }

    private static Table.Col<JsonNode> number(String heading, Function<JsonNode, String> value) {
        return Table.right(heading, value);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(JsonNode share) {
        return share.isNumber() ? Math.round(share.asDouble() * 100) + " %" : "–";
    }
}
