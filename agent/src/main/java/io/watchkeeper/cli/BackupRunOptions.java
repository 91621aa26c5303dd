package io.watchkeeper.cli;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all commands that do something about the backups of one database. */
final class BackupRunOptions {

    @Option(names = "--database", required = true, paramLabel = "DB", description = "a database of the configuration")
    private String database = "";

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(names = "--dry-run", description = "say what would be done; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    String database() {
        return database;
    }

    Duration timeout() {
        return PairOptions.time("--timeout", timeout);
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
                            PairOptions.requireDatabase(config, database);
                            return runbook.apply(config);
                        },
                        Map.of());
    }

    /** A rate as {@code 2MB}; null where none was given. */
    static @Nullable Bytes rate(@Nullable String text) {
        if (text == null) {
            return null;
        }
        return Bytes.parse(text)
                .filter(rate -> rate.count() > 0)
                .orElseThrow(
                        () -> new UsageException("--rate-limit is '" + text + "'", "give a size, as 500KB or 2MB."));
    }
}
