package io.watchkeeper.cli;

import io.watchkeeper.DrillRequest;
import io.watchkeeper.runbook.Runbook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Proves that a backup restores, without a runbook file; recorded as a run of {@code drill}. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description =
                "Proves that a base backup restores: brings it back in a sandbox, recovers it, checks it, and removes the"
                        + " sandbox. Exits with 1 when anything is wrong or could not be checked. Ctrl-C cancels it cleanly.")
final class DrillCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Option(names = "--database", required = true, paramLabel = "DB", description = "a database of the configuration")
    private String database = "";

    @Option(
            names = "--backup",
            paramLabel = "ID",
            description = "which backup; else the newest good one that leads to the target")
    private @Nullable String backup;

    @Option(
            names = "--check",
            paramLabel = "NAME=SQL",
            description = "a query that must return true in the recovered cluster; may be given several times")
    private List<String> checks = new ArrayList<>();

    @Option(
            names = "--synthetic",
            paramLabel = "FILE",
            description = "SQL that does what the application does, run there in one transaction")
    private @Nullable Path synthetic;

    @Option(names = "--no-amcheck", description = "do not look through the indexes")
    private boolean noAmcheck;

    @Option(
            names = "--compare",
            paramLabel = "T",
            description = "tables, or patterns as 'public.*', to compare with those of the database itself")
    private List<String> compare = new ArrayList<>();

    @Option(names = "--max-rpo", paramLabel = "TIME", description = "how much may be lost; default ${DEFAULT-VALUE}")
    private String maxRpo = "5m";

    @Option(names = "--max-rto", paramLabel = "TIME", description = "how long it may take; default ${DEFAULT-VALUE}")
    private String maxRto = "30m";

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the whole run; default ${DEFAULT-VALUE}")
    private String timeout = "24h";

    @Option(names = "--dry-run", description = "say which backup and WAL would be used; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    DrillCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        DrillRequest request = new DrillRequest(
                database,
                target.words(),
                backup,
                queries(),
                synthetic == null ? null : synthetic.toAbsolutePath(),
                !noAmcheck,
                compare,
                PairOptions.time("--max-rpo", maxRpo),
                PairOptions.time("--max-rto", maxRto),
                PairOptions.time("--timeout", timeout));
        return new ForegroundRun(invocation, dryRun, json)
                .run(
                        (agent, config) -> {
                            PairOptions.requireDatabase(config, database);
                            return PairOptions.<Runbook>usage(() -> request.runbook(config, invocation.clock()));
                        },
                        Map.of());
    }

    private Map<String, String> queries() {
        Map<String, String> queries = new LinkedHashMap<>();
        for (String check : checks) {
            int at = check.indexOf('=');
            if (at < 1 || at == check.length() - 1) {
                throw new UsageException("--check is '" + check + "'", "give it as NAME=SQL, a query for one boolean.");
            }
            queries.put(check.substring(0, at).strip(), check.substring(at + 1).strip());
        }
        return queries;
    }
}
