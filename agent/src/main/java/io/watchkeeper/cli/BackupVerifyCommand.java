package io.watchkeeper.cli;

import io.watchkeeper.BackupVerifyRequest;
import io.watchkeeper.units.Bytes;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads backups again without a runbook file; recorded as a run of {@code backup-verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Reads backups and archived log again and compares every file with its hash. Exits with 1 when"
                + " anything is damaged, and marks it.")
final class BackupVerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private KeepingOptions options = new KeepingOptions();

    @Option(
            names = "--rate-limit",
            paramLabel = "SIZE",
            description = "read at most this much per second; 50MB where left out")
    private @Nullable String rateLimit;

    @Option(names = "--newest", paramLabel = "N", description = "only so many of the newest backups")
    private @Nullable Integer newest;

    @Option(
            names = "--at-most",
            paramLabel = "TIME",
            description = "begin nothing new after this; the next verification goes on from there")
    private @Nullable String atMost;

    BackupVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        BackupVerifyRequest request = PairOptions.usage(() -> new BackupVerifyRequest(
                options.database(), rate(), newest, KeepingOptions.time("--at-most", atMost), options.timeout()));
        return options.run(invocation, config -> request.runbook(config, invocation.clock()));
    }

    private @Nullable Bytes rate() {
        if (rateLimit == null) {
            return null;
        }
        return Bytes.parse(rateLimit)
                .filter(rate -> rate.count() > 0)
                .orElseThrow(() ->
                        new UsageException("--rate-limit is '" + rateLimit + "'", "give a size, as 500KB or 2MB."));
    }
}
