package io.watchkeeper.cli;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.runbook.Runbook;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that look after the backups of one database or of all. */
final class KeepingOptions {

    @Option(names = "--database", paramLabel = "DB", description = "only this database; else all in the repository")
    private @Nullable String database;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(names = "--dry-run", description = "say what would be done, and why; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    @Nullable
    String database() {
        return database;
    }

    Duration timeout() {
        return PairOptions.time("--timeout", timeout);
    }

    /** Runs what was asked for. @return the exit status */
    int run(Invocation invocation, Function<AgentConfig, Runbook> runbook) {
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            if (database != null) {
                                PairOptions.requireDatabase(config, database);
                            }
                            return runbook.apply(config);
                        },
                        Map.of());
    }

    static @Nullable Duration time(String option, @Nullable String text) {
        return text == null ? null : PairOptions.time(option, text);
    }
}
