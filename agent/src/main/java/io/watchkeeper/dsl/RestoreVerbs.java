package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.DumpRestore;
import io.watchkeeper.toolkit.backup.DumpRestorePlan;
import io.watchkeeper.toolkit.backup.DumpRestoreResult;
import io.watchkeeper.toolkit.backup.NoDumpException;
import io.watchkeeper.toolkit.pitr.DirectoryPlan;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code restore}. */
record RestoreVerbs(Action action) {

    DumpRestoreResult restore(String database, Closure<?> block) throws SQLException {
        RestoreSpec spec =
                new RestoreSpec(action.texts(), action.toolbox().backups().clock());
        Closures.run(block, spec);
        DirectoryPlan directory = spec.directoryPlan();
        if (directory != null) {
            return new PitrVerbs(action).restore(database, directory, spec.stanza());
        }
        DumpRestorePlan plan = spec.dumpPlan();
        Database source = action.database(database);
        DumpRestore restore = new DumpRestore(
                source,
                this::configured,
                action.toolbox().backups(),
                action.context().work());
        if (action.dryRun()) {
            action.plan(
                    "restore",
                    plan.selection() + "  " + database + " → " + plan.into(),
                    () -> describe(restore, plan, database));
            return new DumpRestoreResult(
                    database, "", plan.into(), false, List.of(), null, Duration.ZERO, List.of("a dry run"));
        }
        DumpRestoreResult result = action.heavily(
                HeavyWork.between(HeavyWork.Kind.RESTORE, database, plan.into()),
                () -> restore.restore(plan, action.context().reports()));
        result.notes().forEach(action.context()::warn);
        if (result.globals() != null) {
            action.context().info("the dump's roles were not applied; to do so: psql -f " + result.globals());
        }
        action.context().record(new VerbResult("restore", result.fields()));
        return result;
    }

    /** A dump that an earlier step of the run only described cannot be looked into. */
    private List<PlannedAction> describe(DumpRestore restore, DumpRestorePlan plan, String database)
            throws SQLException {
        try {
            return restore.describe(plan);
        } catch (NoDumpException e) {
            if (!action.context()
                    .shared(DumpVerbs.DescribedDumps.class, DumpVerbs.DescribedDumps::new)
                    .has(database)) {
                throw e;
            }
            return List.of(new PlannedAction(
                    database,
                    "-- restores the dump that is made above into " + plan.into(),
                    LockLevel.NONE,
                    -1,
                    -1,
                    "what would be lost there can be said when there is one"));
        }
    }

    private Optional<Database> configured(String name) {
        try {
            return Optional.of(action.context().database(name));
        } catch (OperatorException e) {
            return Optional.empty();
        }
    }
}
