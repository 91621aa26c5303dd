package io.watchkeeper.cli;

import io.watchkeeper.SyncRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings tables to the state of others without a runbook file; recorded as a run of {@code sync}. */
@Command(
        name = "sync",
        mixinStandardHelpOptions = true,
        description = "Brings what was written since the last round, deletions included, from one database to another."
                + " Ctrl-C cancels it cleanly.")
final class SyncCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private PairOptions pair = new PairOptions();

    @Option(
            names = "--mode",
            paramLabel = "M",
            description = "how the round finds what was written: auto, xmin, timestamp, hybrid or full;"
                    + " default ${DEFAULT-VALUE}")
    private String mode = "auto";

    @Option(
            names = "--watermark",
            paramLabel = "C",
            description = "the column that every change moves forward, with --mode timestamp or hybrid")
    private @Nullable String watermark;

    @Option(
            names = "--overlap",
            paramLabel = "TIME",
            description = "how far before the newest watermark the round begins; 5m where left out")
    private @Nullable String overlap;

    @Option(names = "--no-deletes", description = "leave rows on the target that are gone from the source")
    private boolean keepingDeleted;

    @Option(
            names = "--max-deletes",
            paramLabel = "N",
            description = "change nothing when more rows than this would be deleted: a share, as 20%%, or a count;"
                    + " 20%% where left out")
    private @Nullable String maxDeletes;

    @Option(
            names = "--local-edits",
            paramLabel = "P",
            description = "what becomes of rows that were written on the target: sourceWins, keep or fail;"
                    + " default ${DEFAULT-VALUE}")
    private String localEdits = "sourceWins";

    @Option(names = "--follow-columns", description = "add columns to the target that were added on the source")
    private boolean followColumns;

    @Option(names = "--one-snapshot", description = "bring all tables to one view of the source, in one transaction")
    private boolean oneSnapshot;

    @Option(names = "--verify", description = "compare all rows of both sides at the end")
    private boolean verify;

    SyncCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        SyncRequest request = PairOptions.usage(() -> new SyncRequest(
                pair.request(),
                mode,
                watermark,
                overlap == null ? null : PairOptions.time("--overlap", overlap),
                !keepingDeleted,
                maxDeletes,
                localEdits,
                followColumns,
                oneSnapshot,
                verify));
        return pair.run(invocation, config -> request.runbook(config.copying().workers()));
    }
}
