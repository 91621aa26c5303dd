package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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

    @ArgGroup(multiplicity = "1")
    private HowFar howFar = new HowFar();

    /** One of two. */
    static final class HowFar {
        @Option(names = "--to", paramLabel = "REV", description = "the change or @tag of the plan that stays last")
        private @Nullable String to;

        @Option(names = "--all", description = "take back all changes")
        private boolean all;
    }

    @Option(names = "--dry-run", description = "say what would be taken back; change nothing")
    private boolean dryRun;

    MigrateRevertCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, howFar.all ? null : howFar.to, true, dryRun);
    }
}
