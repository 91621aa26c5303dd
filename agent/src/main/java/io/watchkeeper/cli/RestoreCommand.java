package io.watchkeeper.cli;

import io.watchkeeper.DumpRestoreRequest;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Restores a backup; recorded as a run of {@code restore}. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = "Restores a dump, or tables of it, into a database. Ctrl-C cancels it cleanly.")
final class RestoreCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--database", required = true, paramLabel = "DB", description = "a database of the configuration")
    private String database = "";

    @Mixin
    private DumpRestoreOptions dump = new DumpRestoreOptions();

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(
            names = {"--dry-run", "--preview"},
            description = "say which backup would be used and what would be lost; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    RestoreCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        DumpRestoreRequest request = dump.request(database, PairOptions.time("--timeout", timeout));
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            PairOptions.requireDatabase(config, database);
                            return PairOptions.<Runbook>usage(() -> request.runbook(config, invocation.clock()));
                        },
                        Map.of());
    }
}
