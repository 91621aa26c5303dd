package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.DumpRestore;
import io.watchkeeper.toolkit.backup.DumpRestorePlan;
import io.watchkeeper.toolkit.backup.DumpRestoreResult;
import io.watchkeeper.toolkit.backup.DumpSelection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The restore of a dump asked for by a command instead of a runbook's file.
 *
 * @param database whose dump
 * @param into the database to restore into
 * @param dump the catalogue's id; null for the newest that is not damaged
 * @param timeout of the whole run
 */
public record DumpRestoreRequest(
        String database,
        String into,
        @Nullable String dump,
        List<String> tables,
        List<String> schemas,
        boolean clean,
        int jobs,
        boolean dataOnly,
        boolean schemaOnly,
        boolean damaged,
        Duration timeout) {

    public DumpRestoreRequest {
        tables = List.copyOf(tables);
        schemas = List.copyOf(schemas);
    }

    /**
     * The runbook {@code restore} with one step, which does this.
     *
     * @throws OperatorException when a wish cannot be meant
     */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        DumpRestorePlan plan = new DumpRestorePlan(
                into, dump, new DumpSelection(tables, schemas, List.of(), schemaOnly, dataOnly), clean, jobs, damaged);
        List<String> configured =
                config.databases().stream().map(DatabaseSettings::name).toList();
        return BackupRequest.runbook(
                "restore",
                "Restores " + plan.selection() + " of a dump of " + database + " into " + into + ".",
                timeout,
                context -> run(context, plan, configured, settings));
    }

    private void run(StepContext context, DumpRestorePlan plan, List<String> configured, BackupSettings settings)
            throws SQLException {
        Database source = context.database(database);
        DumpRestore restore = new DumpRestore(
                source,
                name -> configured.contains(name) ? Optional.of(context.database(name)) : Optional.empty(),
                settings,
                context.work());
        if (context.dryRun()) {
            context.plan("restore", plan.selection() + "  " + database + " → " + into, restore.describe(plan));
            return;
        }
        DumpRestoreResult result = context.heavily(
                HeavyWork.between(HeavyWork.Kind.RESTORE, database, into),
                () -> restore.restore(plan, context.reports()));
        result.notes().forEach(context::warn);
        context.record(new VerbResult("restore", result.fields()));
        if (result.globals() != null) {
            context.info("the dump's roles were not applied; to do so: psql -f " + result.globals());
        }
    }
}
