package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Verifies what was deployed. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Runs the verify scripts of all changes that a database has. Exits with 1 when one fails.")
final class MigrateVerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private MigrationLookOptions options = new MigrationLookOptions();

    MigrateVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, true);
    }
}
