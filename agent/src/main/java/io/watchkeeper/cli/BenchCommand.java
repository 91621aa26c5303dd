package io.watchkeeper.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Measurements on the user's own servers. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Measures on your own servers and tables, and changes nothing of them.")
final class BenchCommand {

    private BenchCommand() {}

    /** The command with what it can measure. */
    static CommandLine with(Invocation invocation) {
        return new CommandLine(new BenchCommand()).addSubcommand("workers", new BenchWorkersCommand(invocation));
    }
}
