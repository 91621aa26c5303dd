package io.watchkeeper.cli;

import io.watchkeeper.CopyRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Copies tables without a runbook file; recorded as a run of {@code copy}. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = "Copies tables from one database to another, and verifies them. Ctrl-C cancels it cleanly.")
final class CopyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private PairOptions pair = new PairOptions();

    @Option(
            names = "--strategy",
            paramLabel = "S",
            description =
                    "what becomes of the target's rows: truncate, swap, append or merge; default ${DEFAULT-VALUE}")
    private String strategy = "truncate";

    @Option(names = "--append", description = "short for --strategy append")
    private boolean append;

    @Option(
            names = "--resume",
            description =
                    "copy in chunks that the target keeps a record of, and go on with a copy that was interrupted")
    private boolean resume;

    @Option(names = "--batch", paramLabel = "ROWS", description = "rows of a chunk; chosen by itself where left out")
    private @Nullable Integer batch;

    @Option(
            names = "--no-verify",
            description = "do not count and checksum the rows on both sides before the target commits")
    private boolean unverified;

    @Option(names = "--no-analyze", description = "do not renew the target's statistics afterwards")
    private boolean unanalyzed;

    CopyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        CopyRequest request = PairOptions.usage(() -> new CopyRequest(
                pair.request(),
                append ? "append" : strategy,
                resume,
                PairOptions.positive("--batch", batch),
                !unverified,
                !unanalyzed));
        return pair.run(invocation, config -> request.runbook(config.copying().workers()));
    }
}
