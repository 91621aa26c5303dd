package io.watchkeeper.cli;

import io.watchkeeper.DumpRestoreRequest;
import io.watchkeeper.RestoreRequest;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.runbook.Runbook;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Restores a backup; recorded as a run of {@code restore}. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description =
                "Restores a base backup to a new directory, ready to recover when its server is started, and says how to start"
                        + " it. Ctrl-C cancels it cleanly.")
final class RestoreCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Mixin
    private DumpRestoreOptions dump = new DumpRestoreOptions();

    @Option(names = "--database", required = true, paramLabel = "DB", description = "a database of the configuration")
    private String database = "";

    @Option(
            names = "--to",
            paramLabel = "DIR",
            description = "restore a base backup; the data directory to make: new or empty")
    private @Nullable Path to;

    @Option(
            names = "--backup",
            paramLabel = "ID",
            description = "which backup; else the newest good one that leads to the target")
    private @Nullable String backup;

    @Option(
            names = "--overwrite",
            description = "remove what an old or half-restored cluster has left in the directory")
    private boolean overwrite;

    @Option(
            names = "--owner",
            paramLabel = "USER",
            description = "the user of the server; else this one, as root postgres")
    private @Nullable String owner;

    @Option(
            names = "--tablespaces",
            paramLabel = "DIR",
            description = "where tablespaces go; else beside the directory")
    private @Nullable Path tablespaces;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(
            names = {"--dry-run", "--preview"},
            description = "say which backup and WAL would be used and what would be lost; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    RestoreCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if ((to == null) == !dump.isAsked()) {
            throw new UsageException(
                    to == null ? "neither --to nor --into is given" : "both --to and --into are given",
                    "--to DIR restores a base backup to a directory, --into DB a dump into a database.");
        }
        Duration limit = PairOptions.time("--timeout", timeout);
        BiFunction<AgentConfig, Clock, Runbook> asked;
        if (to == null) {
            DumpRestoreRequest request = dump.request(database, limit);
            asked = request::runbook;
        } else {
            RestoreRequest request = directory(to, limit);
            asked = request::runbook;
        }
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            PairOptions.requireDatabase(config, database);
                            return PairOptions.usage(() -> asked.apply(config, invocation.clock()));
                        },
                        Map.of());
    }

    private RestoreRequest directory(Path place, Duration limit) {
        return new RestoreRequest(
                database,
                place.toAbsolutePath().normalize(),
                target.words(),
                backup,
                overwrite,
                owner,
                tablespaces == null ? null : tablespaces.toAbsolutePath().normalize(),
                limit);
    }
}
