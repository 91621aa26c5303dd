package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.partition.Conversion;
import io.watchkeeper.toolkit.partition.ConversionPlan;
import io.watchkeeper.toolkit.partition.PartitionConversion;
import io.watchkeeper.toolkit.partition.PartitionUpkeep;
import io.watchkeeper.toolkit.partition.Retention;
import io.watchkeeper.toolkit.partition.UpkeepPlan;
import io.watchkeeper.toolkit.partition.UpkeepResult;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** {@code maintainPartitions} and {@code conversionPlan}. */
record PartitionVerbs(Action action) {

    UpkeepResult maintain(String database, List<String> tables, Closure<?> block) throws SQLException {
        MaintainPartitionsSpec spec = new MaintainPartitionsSpec(action.texts());
        Closures.run(block, spec);
        tables.forEach(table -> action.texts().require(TextKind.TABLE_PATTERN, table));
        UpkeepPlan plan = spec.plan(tables);
        Database where = action.database(database);
        Database testServer = spec.testOn() == null ? where : action.database(spec.testOn());
        StepContext context = action.context();
        PartitionUpkeep upkeep = new PartitionUpkeep(
                where, testServer, action.toolbox().backups(), action.toolbox().clock(), context.work());
        if (action.dryRun()) {
            action.plan("maintainPartitions", database + "  " + String.join(", ", tables), () -> upkeep.describe(plan));
            return new UpkeepResult(List.of(), List.of());
        }
        // Making partitions ahead of time is light and must not wait; archiving old ones moves their rows.
        boolean isHeavy = plan.action() == Retention.ARCHIVE && plan.retain() != null;
        UpkeepResult result =
                isHeavy ? action.heavily(HeavyWork.maintenance(database), () -> upkeep.run(plan)) : upkeep.run(plan);
        result.tables().forEach(table -> {
            if (table.isChanged()) {
                context.info(table.summary());
            }
            context.record(new VerbResult("maintainPartitions", table.fields()));
        });
        if (result.tables().isEmpty()) {
            context.info("no table of " + String.join(", ", tables) + " is partitioned");
        }
        result.findings().forEach(finding -> context.warn(finding.message()));
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return result;
    }

    /** Only looks, so that a dry run really does it. */
    Conversion convert(String database, String table, Closure<?> block) throws SQLException {
        ConversionPlanSpec spec = new ConversionPlanSpec(action.texts());
        Closures.run(block, spec);
        ConversionPlan wanted = spec.plan(action.texts().require(TextKind.TABLE, table));
        PartitionConversion conversion = new PartitionConversion(
                action.database(database),
                action.toolbox().clock(),
                action.context().work());
        if (action.dryRun()) {
            Conversion[] planned = {new Conversion(TableName.parse(table), List.of(), Instant.MAX, List.of())};
            action.plan("conversionPlan", database + "  " + table, () -> {
                planned[0] = conversion.plan(wanted);
                return planned[0].steps().stream()
                        .map(step -> new PlannedAction(database, step.sql(), step.lock(), -1, -1, step.what()))
                        .toList();
            });
            return planned[0];
        }
        Conversion plan = conversion.plan(wanted);
        action.context().record(new VerbResult("conversionPlan", plan.fields()));
        return plan;
    }
}
