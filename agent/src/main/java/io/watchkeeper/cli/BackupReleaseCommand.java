package io.watchkeeper.cli;

import io.watchkeeper.BackupShelf;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lets a held backup expire again. */
@Command(
        name = "release",
        mixinStandardHelpOptions = true,
        description = "Ends the hold of a backup: the rules of expiry apply to it again.")
final class BackupReleaseCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper backup list' names it")
    private String id = "";

    BackupReleaseCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        String before = new BackupShelf(invocation.config(), invocation.clock()).release(id);
        invocation
                .terminal()
                .print(before == null ? id + " was not held." : id + " is released; it was held by " + before);
        return ExitStatus.OK;
    }
}
