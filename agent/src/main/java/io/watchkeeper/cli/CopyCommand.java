package io.watchkeeper.cli;

import io.watchkeeper.CopyRequest;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Copies tables without a runbook file; recorded as a run of {@code copy}. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = "Copies tables from one database to another, and verifies them. Ctrl-C cancels it cleanly.")
final class CopyCommand implements Callable<Integer> {

    private final Invocation invocation;

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

    @Option(names = "--columns", split = ",", paramLabel = "C", description = "the columns to copy, else all")
    private List<String> columns = new ArrayList<>();

    @Option(names = "--where", paramLabel = "SQL", description = "a condition on the source's rows, else all rows")
    private @Nullable String where;

    @Option(
            names = "--strategy",
            paramLabel = "S",
            description =
                    "what becomes of the target's rows: truncate, swap, append or merge; default ${DEFAULT-VALUE}")
    private String strategy = "truncate";

    @Option(names = "--append", description = "short for --strategy append")
    private boolean append;

    @Option(
            names = "--key",
            split = ",",
            paramLabel = "C",
            description = "the columns that tell rows apart, with --strategy merge, else the primary key")
    private List<String> key = new ArrayList<>();

    @Option(names = "--rate-limit", paramLabel = "SIZE", description = "at most this much per second, as 2MB")
    private @Nullable String rateLimit;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "streams at once: tables, or one table's chunks; chosen by itself where left out")
    private @Nullable Integer workers;

    @Option(
            names = "--resume",
            description =
                    "copy in chunks that the target keeps a record of, and go on with a copy that was interrupted")
    private boolean resume;

    @Option(names = "--batch", paramLabel = "ROWS", description = "rows of a chunk; chosen by itself where left out")
    private @Nullable Integer batch;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(
            names = "--no-verify",
            description = "do not count and checksum the rows on both sides before the target commits")
    private boolean unverified;

    @Option(names = "--no-analyze", description = "do not renew the target's statistics afterwards")
    private boolean unanalyzed;

    @Option(names = "--dry-run", description = "show the SQL, the locks and the estimated rows; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    CopyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        CopyRequest request = request();
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            requireDatabase(config, from);
                            requireDatabase(config, to);
                            return request.runbook(config.copying().workers());
                        },
                        Map.of());
    }

    private CopyRequest request() {
        try {
            return new CopyRequest(
                    from,
                    to,
                    tables,
                    except,
                    columns,
                    where,
                    append ? "append" : strategy,
                    key,
                    resume,
                    positive("--batch", batch),
                    positive("--workers", workers),
                    rate(),
                    !unverified,
                    !unanalyzed,
                    timeout());
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

    private static @Nullable Integer positive(String option, @Nullable Integer number) {
        if (number != null && number < 1) {
            throw new UsageException(option + " is " + number, "give 1 or more, or leave it out.");
        }
        return number;
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

    private Duration timeout() {
        return DurationText.parse(timeout)
                .orElseThrow(() -> new UsageException("--timeout is '" + timeout + "'", "give a time, as 30m or 2h."));
    }
}
