package io.watchkeeper.cli;

import io.watchkeeper.DumpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Dumps a database without a runbook file; recorded as a run of {@code backup-dump}. */
@Command(
        name = "dump",
        mixinStandardHelpOptions = true,
        description = "Dumps a database by pg_dump, with the server's roles. Ctrl-C cancels it cleanly.")
final class BackupDumpCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private BackupRunOptions options = new BackupRunOptions();

    @Option(
            names = "--format",
            paramLabel = "F",
            description = "plain, custom, directory or tar; default ${DEFAULT-VALUE}")
    private String format = "custom";

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "tables at once, with --format directory; default ${DEFAULT-VALUE}")
    private int jobs = 1;

    @Option(
            names = "--table",
            arity = "1..*",
            paramLabel = "T",
            description = "a table, or a pattern as 'public.*'; the whole database where left out")
    private List<String> tables = new ArrayList<>();

    @Option(
            names = "--schema",
            arity = "1..*",
            paramLabel = "S",
            description = "a schema with all that is in it, or a pattern")
    private List<String> schemas = new ArrayList<>();

    @Option(names = "--exclude", arity = "1..*", paramLabel = "T", description = "tables to leave out after all")
    private List<String> exclude = new ArrayList<>();

    @Option(names = "--schema-only", description = "no rows")
    private boolean schemaOnly;

    @Option(names = "--data-only", description = "rows only")
    private boolean dataOnly;

    @Option(names = "--no-globals", description = "without the server's roles and tablespaces")
    private boolean noGlobals;

    @Option(
            names = "--compress",
            paramLabel = "M",
            description = "none, gzip, zstd or lz4; gzip where left out, none for plain and tar")
    private @Nullable String compress;

    @Option(
            names = "--test-restore",
            description = "restore it into a scratch database, compare every table, and drop that again")
    private boolean testRestore;

    @Option(
            names = "--test-on",
            paramLabel = "DB",
            description = "the database on whose server that is done; the dumped one's where left out")
    private @Nullable String testOn;

    BackupDumpCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        DumpRequest request = PairOptions.usage(() -> new DumpRequest(
                options.database(),
                format,
                jobs,
                tables,
                schemas,
                exclude,
                schemaOnly,
                dataOnly,
                !noGlobals,
                compress,
                testRestore,
                testOn,
                options.timeout()));
        return options.run(invocation, config -> {
            if (testOn != null) {
                PairOptions.requireDatabase(config, testOn);
            }
            return PairOptions.usage(() -> request.runbook(config, invocation.clock()));
        });
    }
}
