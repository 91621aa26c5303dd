package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.DumpRestoreResult;
import io.watchkeeper.toolkit.pgbackrest.PgBackRest;
import io.watchkeeper.toolkit.pgbackrest.Stanza;
import io.watchkeeper.toolkit.pgbackrest.StanzaRestoreSource;
import io.watchkeeper.toolkit.pitr.DirectoryPlan;
import io.watchkeeper.toolkit.pitr.DirectoryRestore;
import io.watchkeeper.toolkit.pitr.DirectoryResult;
import io.watchkeeper.toolkit.pitr.DrillPlan;
import io.watchkeeper.toolkit.pitr.DrillReport;
import io.watchkeeper.toolkit.pitr.DrillResult;
import io.watchkeeper.toolkit.pitr.NoBackupException;
import io.watchkeeper.toolkit.pitr.PitrDrill;
import io.watchkeeper.toolkit.pitr.RestorePreview;
import io.watchkeeper.toolkit.pitr.RestoreSource;
import io.watchkeeper.toolkit.pitr.SandboxSweep;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code pitrDrill}. */
record PitrVerbs(Action action) {

    private static final String VERB = "pitrDrill";

    DrillResult drill(String database, Closure<?> block) {
        BackupSettings backups = action.toolbox().backups();
        PitrDrillSpec spec = new PitrDrillSpec(action.texts(), backups.clock(), action.folder());
        Closures.run(block, spec);
        DrillPlan plan = spec.plan();
        Database source = action.database(database);
        StepContext context = action.context();
        PitrDrill drill = spec.stanza()
                .map(stanza ->
                        new PitrDrill(backups, source(stanza, source.name()), source, context.work(), context.runId()))
                .orElseGet(() -> new PitrDrill(backups, source, context.work(), context.runId()));
        if (action.dryRun()) {
            context.plan(
                    VERB,
                    database + " → " + plan.target().words(),
                    actions(database, backups, () -> drill.preview(plan)));
            return DrillResult.notDone(database, plan, backups.clock().instant());
        }
        SandboxSweep.sweep(backups.state());
        DrillResult result = action.heavily(HeavyWork.on(HeavyWork.Kind.DRILL, database), () -> drill.run(plan));
        context.record(new VerbResult(VERB, result.fields()));
        context.shared(DrillReport.class, DrillReport::new).add(result, context.runId(), context.reports());
        context.info(result.words());
        Optional<OperatorException> problem = result.problem();
        if (problem.isPresent()) {
            throw problem.get();
        }
        return result;
    }

    private RestoreSource source(Stanza stanza, String database) {
        return new StanzaRestoreSource(
                PgBackRest.of(stanza, action.context().work()), action.toolbox().backups(), database);
    }

    /**
     * @param stanza where the backup is; empty for the agent's own repository
     * @return as of a dump that was restored into that directory, with the base backup's name
     */
    DumpRestoreResult restore(String database, DirectoryPlan plan, Optional<Stanza> stanza) {
        BackupSettings backups = action.toolbox().backups();
        Database source = action.database(database);
        StepContext context = action.context();
        DirectoryRestore restore = stanza.map(
                        one -> new DirectoryRestore(backups, source(one, source.name()), source.name(), context.work()))
                .orElseGet(() -> new DirectoryRestore(backups, source.name(), context.work()))
                .asking(source);
        String to = plan.to().toString();
        if (action.dryRun()) {
            context.plan("restore", database + " → " + to, actions(database, backups, () -> restore.preview(plan)));
            return new DumpRestoreResult(database, "", to, false, List.of(), null, Duration.ZERO, List.of("a dry run"));
        }
        DirectoryResult result =
                action.heavily(HeavyWork.on(HeavyWork.Kind.RESTORE, database), () -> restore.run(plan));
        context.record(new VerbResult("restore", result.fields()));
        result.notes().forEach(context::info);
        result.commands().forEach(command -> context.info("to start it: " + command));
        return new DumpRestoreResult(
                database, result.backup(), to, true, List.of(), null, result.took(), result.notes());
    }

    /** An earlier step of the run, itself only described, may be the one that makes the first backup. */
    private static List<PlannedAction> actions(
            String database, BackupSettings backups, Supplier<RestorePreview> preview) {
        try {
            return preview.get().actions(backups.clock().instant());
        } catch (NoBackupException e) {
            return List.of(new PlannedAction(
                    database,
                    "-- cannot be described now: " + e.getMessage(),
                    LockLevel.NONE,
                    -1,
                    -1,
                    "a step above may make one"));
        }
    }
}
