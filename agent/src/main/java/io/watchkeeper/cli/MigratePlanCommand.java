package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the plan of a migration. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description =
                "Shows what a migration would do: statements, locks, work, what is dangerous, and who has to agree. Changes nothing.")
final class MigratePlanCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private MigrateTargetOptions options = new MigrateTargetOptions();

    @Option(names = "--revert", description = "the way back to it")
    private boolean revert;

    MigratePlanCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, revert, true);
    }
}
