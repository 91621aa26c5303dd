package io.watchkeeper.cli;

import io.watchkeeper.MigrationLook;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Verifies what was deployed. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Runs the verify scripts of all changes that a database has. Exits with 1 when one fails.")
final class MigrateVerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "a database of the configuration; else meta.database")
    private @Nullable String database;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    MigrateVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        MigrationLook look = new MigrationLook(database, true);
        return new ForegroundRun(invocation, false, json)
                .run(
                        (agent, config) -> {
                            if (database != null) {
                                PairOptions.requireDatabase(config, database);
                            }
                            return PairOptions.usage(() -> look.runbook(config, agent, invocation.clock()));
                        },
                        Map.of());
    }
}
