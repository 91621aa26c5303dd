package io.watchkeeper.cli;

import io.watchkeeper.VerifyRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares tables without a runbook file; recorded as a run of {@code verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description =
                "Compares tables of two databases, and exits with 1 when rows differ. Digests cross the link, rows"
                        + " do not. Ctrl-C cancels it cleanly.")
final class VerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private PairOptions pair = new PairOptions();

    @Option(
            names = "--by",
            paramLabel = "B",
            description = "what of the rows is compared: checksum, count or keys; default ${DEFAULT-VALUE}")
    private String by = "checksum";

    @Option(names = "--sample", paramLabel = "SHARE", description = "compare only so many of the rows, as 1%%")
    private @Nullable String sample;

    @Option(
            names = "--repair",
            paramLabel = "R",
            description = "what is done about differences: none, plan (write the statements down) or apply;"
                    + " default ${DEFAULT-VALUE}")
    private String repair = "none";

    @Option(names = "--report-only", description = "differences are a warning, and the exit status is 0")
    private boolean reportOnly;

    @Option(
            names = "--max-deletes",
            paramLabel = "N",
            description =
                    "with --repair apply, change nothing when more rows than this would be deleted: a share, as 20%%,"
                            + " or a count; 20%% where left out")
    private @Nullable String maxDeletes;

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            description = "how long rows are waited for that may only be on their way; 2s where left out")
    private @Nullable String patience;

    VerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        VerifyRequest request = PairOptions.usage(() -> new VerifyRequest(
                pair.request(),
                by,
                sample,
                repair,
                reportOnly,
                maxDeletes,
                patience == null ? null : PairOptions.time("--patience", patience)));
        return pair.run(invocation, config -> request.runbook());
    }
}
