package io.watchkeeper.cli;

import io.watchkeeper.RecoveryWords;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How far a recovery goes. */
final class TargetOptions {

    @Option(
            names = "--target-time",
            paramLabel = "TIME",
            description = "the last commit at or before it, as '2026-11-21 14:30:00+00' or '5 minutes ago'")
    private @Nullable String time;

    @Option(names = "--target-lsn", paramLabel = "LSN", description = "a position of the log, as 0/8F3A2C10")
    private @Nullable String lsn;

    @Option(
            names = "--target-name",
            paramLabel = "NAME",
            description = "a restore point; without any of these, everything that is archived")
    private @Nullable String name;

    RecoveryWords words() {
        return PairOptions.usage(() -> new RecoveryWords(time, lsn, name));
    }
}
