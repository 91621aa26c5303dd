package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes changes back. */
@Command(
        name = "revert",
        mixinStandardHelpOptions = true,
        description = "Takes back the changes that came after a revision.")
final class MigrateRevertCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private MigrateOptions options = new MigrateOptions();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "REV",
            description = "the change or @tag of the plan that stays last")
    private String to = "";

    @Option(names = "--dry-run", description = "say what would be taken back; change nothing")
    private boolean dryRun;

    MigrateRevertCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, to, true, dryRun);
    }
}
