package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.maintenance.Analyze;
import io.watchkeeper.toolkit.maintenance.AnalyzePlan;
import io.watchkeeper.toolkit.maintenance.AnalyzeResult;
import io.watchkeeper.toolkit.maintenance.Vacuum;
import io.watchkeeper.toolkit.maintenance.VacuumPlan;
import io.watchkeeper.toolkit.maintenance.VacuumResult;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code analyze} and {@code vacuum}. */
record MaintenanceVerbs(Action action) {

    AnalyzeResult analyze(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        AnalyzeSpec spec = new AnalyzeSpec();
        run(block, spec);
        AnalyzePlan plan = spec.plan(checked(tables));
        Database where = action.database(database);
        Analyze analyze = new Analyze(where, action.context().work());
        if (action.dryRun()) {
            action.plan("analyze", subject(database, tables), () -> analyze.describe(plan));
            return new AnalyzeResult(List.of(), List.of());
        }
        AnalyzeResult result = action.heavily(HeavyWork.maintenance(database), () -> analyze.run(plan));
        result.tables().forEach(one -> action.context().record(new VerbResult("analyze", one.fields())));
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return result;
    }

    VacuumResult vacuum(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        VacuumSpec spec = new VacuumSpec();
        run(block, spec);
        VacuumPlan plan = spec.plan(checked(tables));
        Database where = action.database(database);
        Vacuum vacuum = new Vacuum(where, action.context().work());
        if (action.dryRun()) {
            action.plan("vacuum", subject(database, tables), () -> vacuum.describe(plan));
            return new VacuumResult(List.of(), List.of());
        }
        VacuumResult result = action.heavily(HeavyWork.maintenance(database), () -> vacuum.run(plan));
        result.tables().forEach(one -> action.context().record(new VerbResult("vacuum", one.fields())));
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return result;
    }

    private static void run(@Nullable Closure<?> block, Object spec) {
        if (block != null) {
            Closures.run(block, spec);
        }
    }

    private List<String> checked(List<String> tables) {
        tables.forEach(t -> action.texts().require(TextKind.TABLE_PATTERN, t));
        return tables;
    }

    private static String subject(String database, List<String> tables) {
        return database + "  " + (tables.isEmpty() ? "all tables" : String.join(", ", tables));
    }
}
