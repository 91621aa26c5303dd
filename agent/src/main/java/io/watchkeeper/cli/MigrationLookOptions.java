package io.watchkeeper.cli;

import io.watchkeeper.MigrationLook;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Of commands that only look at the changes of a database. */
final class MigrationLookOptions {

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "a database of the configuration; else meta.database")
    private @Nullable String database;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    /** @param verify whether the verify scripts are run, too. @return the exit status */
    int run(Invocation invocation, boolean verify) {
        MigrationLook look = new MigrationLook(database, verify);
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
