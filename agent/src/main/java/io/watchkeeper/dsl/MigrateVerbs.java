package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.migrate.Backfill;
import io.watchkeeper.toolkit.migrate.BackfillPlan;
import io.watchkeeper.toolkit.migrate.BackfillResult;
import io.watchkeeper.toolkit.migrate.MigrationResult;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import java.sql.SQLException;
import java.time.Duration;

/** {@code migrate} and {@code backfill}. */
record MigrateVerbs(Action action) {

    MigrationResult migrate(String database, Closure<?> block) throws SQLException {
        MetaTools tools = action.toolbox().meta();
        MigrateSpec spec = new MigrateSpec(action.texts(), action.folder());
        Closures.run(block, spec);
        MigrationWish wish = spec.wish(action.texts().require(TextKind.DATABASE, database), tools.migrations());
        return new MigrationSteps(action.context(), tools, action.toolbox().backups(), spec.project()).migrate(wish);
    }

    BackfillResult backfill(String database, String table, Closure<?> block) throws SQLException {
        BackfillSpec spec = new BackfillSpec(action.texts());
        Closures.run(block, spec);
        BackfillPlan plan = spec.plan(table, action.toolbox().meta().migrations());
        Backfill backfill =
                new Backfill(action.database(database), action.context().work());
        if (action.dryRun()) {
            action.plan("backfill", database + "  " + plan.table(), () -> backfill.describe(plan));
            return new BackfillResult(database, table, 0, 0, Duration.ZERO);
        }
        BackfillResult result = action.heavily(HeavyWork.maintenance(database), () -> backfill.run(plan));
        action.context().record(new VerbResult("backfill", result.fields()));
        return result;
    }
}
