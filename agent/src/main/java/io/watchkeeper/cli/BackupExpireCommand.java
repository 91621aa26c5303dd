package io.watchkeeper.cli;

import io.watchkeeper.BackupExpiryRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes old backups without a runbook file; recorded as a run of {@code backup-expire}. */
@Command(
        name = "expire",
        mixinStandardHelpOptions = true,
        description =
                "Removes backups and archived log that no rule keeps. --dry-run says of each why it goes or stays.")
final class BackupExpireCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private KeepingOptions options = new KeepingOptions();

    @Option(
            names = "--keep",
            paramLabel = "TIME",
            description = "backups younger than this stay; 7d where left out, unless --keep-last is given")
    private @Nullable String keep;

    @Option(names = "--keep-dumps", paramLabel = "TIME", description = "as --keep, for dumps alone")
    private @Nullable String keepDumps;

    @Option(names = "--keep-base-backups", paramLabel = "TIME", description = "as --keep, for base backups alone")
    private @Nullable String keepBaseBackups;

    @Option(names = "--keep-last", paramLabel = "N", description = "so many of the newest good ones of each kind stay")
    private @Nullable Integer keepLast;

    @Option(
            names = "--keep-at-least",
            paramLabel = "N",
            description = "so many good ones of each kind stay in any case; 2 where left out")
    private @Nullable Integer keepAtLeast;

    @Option(
            names = "--keep-wal",
            paramLabel = "TIME",
            description = "archived log younger than this stays; 14d where left out")
    private @Nullable String keepWal;

    BackupExpireCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        BackupExpiryRequest request = PairOptions.usage(() -> new BackupExpiryRequest(
                options.database(),
                KeepingOptions.time("--keep", keep),
                KeepingOptions.time("--keep-dumps", keepDumps),
                KeepingOptions.time("--keep-base-backups", keepBaseBackups),
                keepLast,
                keepAtLeast,
                KeepingOptions.time("--keep-wal", keepWal),
                options.timeout()));
        return options.run(invocation, config -> request.runbook(config, invocation.clock()));
    }
}
