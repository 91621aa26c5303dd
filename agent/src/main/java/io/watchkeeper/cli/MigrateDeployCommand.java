package io.watchkeeper.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Deploys changes. */
@Command(
        name = "deploy",
        mixinStandardHelpOptions = true,
        description =
                "Deploys the changes that a database lacks. When one fails, all that this has deployed is taken back.")
final class MigrateDeployCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private MigrateTargetOptions options = new MigrateTargetOptions();

    @Option(names = "--dry-run", description = "as migrate plan")
    private boolean dryRun;

    MigrateDeployCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        return options.run(invocation, false, dryRun);
    }
}
