package io.watchkeeper.cli;

import io.watchkeeper.MigrationLook;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says how far a database has come. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Says which changes a database has, and which are pending.")
final class MigrateStatusCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "a database of the configuration; else meta.database")
    private @Nullable String database;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    MigrateStatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        MigrationLook look = new MigrationLook(database, false);
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
