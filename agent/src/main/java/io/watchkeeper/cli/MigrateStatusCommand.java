package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says how far a database has come. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Says which changes a database has, and which are pending.")
final class MigrateStatusCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private MigrationLookOptions options = new MigrationLookOptions();

    MigrateStatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, false);
    }
}
