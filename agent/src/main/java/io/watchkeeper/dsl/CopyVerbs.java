package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyResult;
import io.watchkeeper.toolkit.copy.TableCopier;
import io.watchkeeper.toolkit.copy.TableSetCopier;
import io.watchkeeper.toolkit.copy.TableSetPlan;
import io.watchkeeper.toolkit.copy.TableSetResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code copyTable} and {@code copyTables}. */
record CopyVerbs(Action action) {

    CopyResult copyTable(String table, Closure<?> block) throws SQLException {
        action.texts().require(TextKind.TABLE, table);
        CopyTableSpec spec = new CopyTableSpec(action.texts());
        Closures.run(block, spec);
        CopyPlan plan = spec.plan(table);
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        TableCopier copier = new TableCopier(source, target, action.context().work());
        if (action.dryRun()) {
            action.plan("copyTable", subject(plan.from().toString(), spec), () -> copier.describe(plan));
            return nothingCopied(plan, spec);
        }
        CopyResult result = copier.copy(plan);
        action.context().record(new VerbResult("copyTable", result.fields()));
        return result;
    }

    private static CopyResult nothingCopied(CopyPlan plan, CopySpec spec) {
        return new CopyResult(
                plan.from(),
                plan.to(),
                spec.source(),
                spec.target(),
                plan.options().strategy(),
                plan.options().format(),
                0,
                0,
                0,
                Duration.ZERO,
                Map.of(),
                false,
                List.of());
    }

    TableSetResult copyTables(List<String> patterns, Closure<?> block) throws SQLException {
        patterns.forEach(p -> action.texts().require(TextKind.TABLE_PATTERN, p));
        CopyTablesSpec spec = new CopyTablesSpec(action.texts());
        Closures.run(block, spec);
        TableSetPlan plan = spec.plan(patterns);
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        TableSetCopier copier =
                new TableSetCopier(source, target, action.context().work());
        if (action.dryRun()) {
            action.plan("copyTables", subject(String.join(", ", patterns), spec), () -> copier.describe(plan));
            return new TableSetResult(List.of(), List.of());
        }
        TableSetResult result = copier.copy(plan);
        // One result for each table, as if each had been copied by a verb of its own.
        result.results().forEach(one -> action.context().record(new VerbResult("copyTable", one.fields())));
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return result;
    }

    private static String subject(String tables, CopySpec spec) {
        return tables + "  " + spec.source() + " → " + spec.target();
    }
}
