package io.watchkeeper.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What planning and deploying may be told: how, and up to where. */
final class MigrateTargetOptions {

    @Mixin
    private MigrateOptions options = new MigrateOptions();

    @Option(
            names = "--to",
            paramLabel = "REV",
            description = "a change or a @tag of the plan; default ${DEFAULT-VALUE}")
    private String to = "@HEAD";

    /** @return the exit status */
    int run(Invocation invocation, boolean revert, boolean dryRun) {
        return options.run(invocation, to, revert, dryRun);
    }
}
