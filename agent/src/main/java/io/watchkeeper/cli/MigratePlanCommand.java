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
    private MigrateOptions options = new MigrateOptions();

    @Option(
            names = "--to",
            paramLabel = "REV",
            description = "a change or a @tag of the plan; default ${DEFAULT-VALUE}")
    private String to = "@HEAD";

    @Option(names = "--revert", description = "the way back to it")
    private boolean revert;

    MigratePlanCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, to, revert, true);
    }
}
