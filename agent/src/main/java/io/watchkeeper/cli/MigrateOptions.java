package io.watchkeeper.cli;

import io.watchkeeper.MigrationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every migration may be told. */
final class MigrateOptions {

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "a database of the configuration; else meta.database")
    private @Nullable String database;

    @Option(
            names = "--also-on",
            paramLabel = "DB",
            description = "a database that is kept in step; may be given several times")
    private List<String> alsoOn = new ArrayList<>();

    @Option(
            names = "--lock-timeout",
            paramLabel = "TIME",
            description =
                    "how long a statement waits for a lock before the change is tried again; default ${DEFAULT-VALUE}")
    private String lockTimeout = "2s";

    @Option(names = "--attempts", paramLabel = "N", description = "for each change; default ${DEFAULT-VALUE}")
    private int attempts = 10;

    @Option(names = "--no-verify", description = "do not run the verify scripts")
    private boolean noVerify;

    @Option(
            names = "--test-revert",
            description =
                    "first do it, verify it, take it back and compare the schema, on a scratch database; go on only when that passed")
    private boolean testRevert;

    @Option(names = "--test-rows", description = "as --test-revert, with the rows too")
    private boolean testRows;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "4h";

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    /** @param revision null, when going back, for the beginning */
    int run(Invocation invocation, @Nullable String revision, boolean revert, boolean dryRun) {
        MigrationRequest request = new MigrationRequest(
                database,
                alsoOn,
                revision,
                revert,
                PairOptions.time("--lock-timeout", lockTimeout),
                attempts,
                !noVerify,
                testRevert,
                testRows,
                PairOptions.time("--timeout", timeout));
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            if (database != null) {
                                PairOptions.requireDatabase(config, database);
                            }
                            alsoOn.forEach(name -> PairOptions.requireDatabase(config, name));
                            return PairOptions.usage(() -> request.runbook(config, agent, invocation.clock()));
                        },
                        Map.of());
    }
}
