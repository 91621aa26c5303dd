package io.watchkeeper.cli;

import io.watchkeeper.BackupShelf;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keeps a backup whatever the rules of expiry say. */
@Command(
        name = "hold",
        mixinStandardHelpOptions = true,
        description = "Keeps a backup, and the archived log from it on, from expiring until it is released.")
final class BackupHoldCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper backup list' names it")
    private String id = "";

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "why, for those who wonder in a year")
    private String reason = "";

    BackupHoldCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (reason.isBlank()) {
            throw new UsageException("--reason is empty", "say why it is held, as 'before the migration'.");
        }
        String who = invocation.environment().getOrDefault("SUDO_USER", System.getProperty("user.name"));
        new BackupShelf(invocation.config(), invocation.clock()).hold(id, who + ": " + reason.strip());
        invocation.terminal().print(id + " is held by " + who + ": " + reason.strip());
        return ExitStatus.OK;
    }
}
