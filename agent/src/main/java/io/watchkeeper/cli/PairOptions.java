package io.watchkeeper.cli;

import io.watchkeeper.PairRequest;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all commands that work between two databases. */
final class PairOptions {

    @Option(names = "--from", required = true, paramLabel = "DB", description = "the database the rows come from")
    private String from = "";

    @Option(names = "--to", required = true, paramLabel = "DB", description = "the database the rows go to")
    private String to = "";

    @Option(
            names = "--table",
            required = true,
            arity = "1..*",
            paramLabel = "T",
            description = "a table, or a pattern as 'public.*'")
    private List<String> tables = new ArrayList<>();

    @Option(names = "--except", arity = "1..*", paramLabel = "T", description = "tables to leave out after all")
    private List<String> except = new ArrayList<>();

    @Option(names = "--columns", split = ",", paramLabel = "C", description = "the columns that are meant, else all")
    private List<String> columns = new ArrayList<>();

    @Option(
            names = "--where",
            paramLabel = "SQL",
            description = "a condition on the rows that are meant, else all rows")
    private @Nullable String where;

    @Option(
            names = "--key",
            split = ",",
            paramLabel = "C",
            description = "the columns that tell rows apart, else the primary key")
    private List<String> key = new ArrayList<>();

    @Option(names = "--rate-limit", paramLabel = "SIZE", description = "at most this much per second, as 2MB")
    private @Nullable String rateLimit;

    @Option(names = "--workers", paramLabel = "N", description = "streams at once; chosen by itself where left out")
    private @Nullable Integer workers;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(names = "--dry-run", description = "show the SQL, the locks and the estimated rows; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    /** @throws UsageException when one of them cannot be meant */
    PairRequest request() {
        return usage(() -> new PairRequest(
                from,
                to,
                tables,
                except,
                columns,
                where,
                key,
                positive("--workers", workers),
                rate(),
                time("--timeout", timeout)));
    }

    /**
     * Runs what was asked for.
     *
     * @param runbook made from the configuration
     * @return the exit status
     */
    int run(Invocation invocation, Function<AgentConfig, Runbook> runbook) {
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            requireDatabase(config, from);
                            requireDatabase(config, to);
                            return runbook.apply(config);
                        },
                        Map.of());
    }

    /** What a request refuses was misuse: nothing was run. */
    static <T> T usage(Supplier<T> request) {
        try {
            return request.get();
        } catch (OperatorException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e.hint());
        }
    }

    static void requireDatabase(AgentConfig config, String name) {
        List<String> names =
                config.databases().stream().map(DatabaseSettings::name).toList();
        if (!names.contains(name)) {
            throw new UsageException(
                    "database '" + name + "' is not in the configuration",
                    Suggestion.didYouMean(name, names) + "Configured: " + String.join(", ", names) + ".");
        }
    }

    static @Nullable Integer positive(String option, @Nullable Integer number) {
        if (number != null && number < 1) {
            throw new UsageException(option + " is " + number, "give 1 or more, or leave it out.");
        }
        return number;
    }

    static Duration time(String option, String text) {
        return DurationText.parse(text)
                .orElseThrow(() -> new UsageException(option + " is '" + text + "'", "give a time, as 30m or 2h."));
    }

    private @Nullable Bytes rate() {
        if (rateLimit == null) {
            return null;
        }
        return Bytes.parse(rateLimit)
                .filter(rate -> rate.count() > 0)
                .orElseThrow(() ->
                        new UsageException("--rate-limit is '" + rateLimit + "'", "give a size, as 500KB or 2MB."));
    }
}
