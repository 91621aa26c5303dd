package io.watchkeeper.cli;

import io.watchkeeper.BaseBackupRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a base backup without a runbook file; recorded as a run of {@code backup-base}. */
@Command(
        name = "base",
        mixinStandardHelpOptions = true,
        description = "Makes a base backup of a whole cluster, with the log that makes it consistent, and verifies it."
                + " Ctrl-C cancels it cleanly.")
final class BackupBaseCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private BackupRunOptions options = new BackupRunOptions();

    @Option(
            names = "--format",
            paramLabel = "F",
            description = "plain (a data directory) or tar; plain where left out, tar with compression or encryption")
    private @Nullable String format;

    @Option(
            names = "--compress",
            paramLabel = "M",
            description = "none, gzip, zstd or lz4, with a level as zstd:3; default ${DEFAULT-VALUE}")
    private String compress = "none";

    @Option(
            names = "--compress-at",
            paramLabel = "END",
            description = "client (this host) or server; the server where left out, if it is another host that can")
    private @Nullable String compressAt;

    @Option(
            names = "--checkpoint",
            paramLabel = "C",
            description = "fast, or spread (gentle, takes minutes); default ${DEFAULT-VALUE}")
    private String checkpoint = "spread";

    @Option(names = "--rate-limit", paramLabel = "SIZE", description = "at most this much per second, as 20MB")
    private @Nullable String rateLimit;

    @Option(names = "--no-verify", description = "do not compare what arrived with what the server sent")
    private boolean noVerify;

    @Option(
            names = "--incremental",
            description = "only what changed since the newest base backup; PostgreSQL 17 and newer")
    private boolean incremental;

    @Option(
            names = "--full-after",
            paramLabel = "TIME",
            description = "with --incremental, a whole one where the last whole one is older; 1d where left out")
    private @Nullable String fullAfter;

    @Option(names = "--label", paramLabel = "TEXT", description = "as it stands in backup_label")
    private @Nullable String label;

    BackupBaseCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (!checkpoint.equals("fast") && !checkpoint.equals("spread")) {
            throw new UsageException("--checkpoint is '" + checkpoint + "'", "it is fast or spread.");
        }
        BaseBackupRequest request = PairOptions.usage(() -> new BaseBackupRequest(
                options.database(),
                format,
                compress,
                compressAt,
                checkpoint.equals("fast"),
                BackupRunOptions.rate(rateLimit),
                !noVerify,
                incremental,
                fullAfter == null ? null : PairOptions.time("--full-after", fullAfter),
                label,
                options.timeout()));
        return options.run(invocation, config -> request.runbook(config, invocation.clock()));
    }
}
