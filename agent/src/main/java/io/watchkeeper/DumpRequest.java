package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.Dump;
import io.watchkeeper.toolkit.backup.DumpFormat;
import io.watchkeeper.toolkit.backup.DumpPlan;
import io.watchkeeper.toolkit.backup.DumpResult;
import io.watchkeeper.toolkit.backup.DumpSelection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dump asked for by a command instead of a runbook's file.
 *
 * @param format plain, custom, directory or tar
 * @param compress none, gzip, zstd or lz4; null for what goes with the format
 * @param testOn where it is test-restored; null for its own server
 * @param timeout of the whole run
 */
public record DumpRequest(
        String database,
        String format,
        int jobs,
        List<String> tables,
        List<String> schemas,
        List<String> exclude,
        boolean schemaOnly,
        boolean dataOnly,
        boolean globals,
        @Nullable String compress,
        boolean testRestore,
        @Nullable String testOn,
        Duration timeout) {

    /** @throws OperatorException when a word cannot be read, or two of the wishes exclude each other */
    public DumpRequest {
        tables = List.copyOf(tables);
        schemas = List.copyOf(schemas);
        exclude = List.copyOf(exclude);
        PairRequest.named("--format", format, List.of(DumpFormat.values()));
        if (compress != null) {
            PairRequest.named("--compress", compress, List.of(Compression.values()));
        }
    }

    private DumpPlan plan() {
        return new DumpPlan(
                PairRequest.named("--format", format, List.of(DumpFormat.values())),
                jobs,
                new DumpSelection(tables, schemas, exclude, schemaOnly, dataOnly),
                globals,
                compress == null ? null : PairRequest.named("--compress", compress, List.of(Compression.values())),
                testRestore || testOn != null,
                testOn,
                DumpPlan.DEFAULT.lockTimeout());
    }

    /** The runbook {@code backup-dump} with one step, which does this. */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        DumpPlan plan = plan();
        return BackupRequest.runbook(
                "backup-dump",
                "Dumps " + plan.selection() + " of " + database + ".",
                timeout,
                context -> run(context, plan, settings));
    }

    private void run(StepContext context, DumpPlan plan, BackupSettings settings) throws SQLException {
        Database source = context.database(database);
        Database testServer = testOn == null ? source : context.database(testOn);
        Dump dump = new Dump(source, testServer, settings, context.work());
        if (context.dryRun()) {
            context.plan("dump", database + "  " + plan.selection(), dump.describe(plan));
            return;
        }
        DumpResult result = context.heavily(HeavyWork.on(HeavyWork.Kind.BACKUP, database), () -> dump.run(plan));
        result.notes().forEach(context::info);
        context.record(new VerbResult("dump", result.fields()));
        context.info(
                "dump " + result.id() + ", " + result.bytes() + (result.restored() ? ", restored and compared" : ""));
    }
}
