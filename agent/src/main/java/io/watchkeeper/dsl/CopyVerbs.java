package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.alert.Alert;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.CopyLimit;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyResult;
import io.watchkeeper.toolkit.copy.CopyWatch;
import io.watchkeeper.toolkit.copy.CrossedLimit;
import io.watchkeeper.toolkit.copy.TableCopier;
import io.watchkeeper.toolkit.copy.TableSetCopier;
import io.watchkeeper.toolkit.copy.TableSetPlan;
import io.watchkeeper.toolkit.copy.TableSetResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code copyTable} and {@code copyTables}. */
record CopyVerbs(Action action) {

    CopyResult copyTable(String table, Closure<?> block) throws SQLException {
        action.texts().require(TextKind.TABLE, table);
        CopyTableSpec spec = new CopyTableSpec(action.texts());
        Closures.run(block, spec);
        CopyPlan plan = spec.plan(table).with(this::withUsualWorkers);
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        if (action.dryRun()) {
            TableCopier copier =
                    new TableCopier(source, target, action.context().work());
            action.plan("copyTable", spec.subject(plan.from().toString()), () -> copier.describe(plan));
            return nothingCopied(plan, spec);
        }
        CopyResult result = action.heavily(heavy(spec), () -> {
            try (CopyWatch watch = watch(spec)) {
                return new TableCopier(source, target, watch).copy(plan);
            }
        });
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
        TableSetPlan asked = spec.plan(patterns);
        TableSetPlan plan = new TableSetPlan(asked.patterns(), asked.except(), withUsualWorkers(asked.options()));
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        if (action.dryRun()) {
            TableSetCopier copier =
                    new TableSetCopier(source, target, action.context().work());
            action.plan("copyTables", spec.subject(String.join(", ", patterns)), () -> copier.describe(plan));
            return new TableSetResult(List.of(), List.of());
        }
        TableSetResult result = action.heavily(heavy(spec), () -> {
            try (CopyWatch watch = watch(spec)) {
                return new TableSetCopier(source, target, watch).copy(plan);
            }
        });
        // One result for each table, as if each had been copied by a verb of its own.
        result.results().forEach(one -> action.context().record(new VerbResult("copyTable", one.fields())));
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return result;
    }

    private static HeavyWork heavy(CopySpec spec) {
        return HeavyWork.between(HeavyWork.Kind.COPY, spec.source(), spec.target());
    }

    private CopyOptions withUsualWorkers(CopyOptions options) {
        return options.withPace(options.pace().withUsualWorkers(action.toolbox().workers()));
    }

    private CopyWatch watch(CopySpec spec) {
        return new CopyWatch(action.context().work(), spec.limits(), this::raise);
    }

    /** The run is in the text and not in the labels: the next run's is the same alert, which goes on or is over. */
    private void raise(CrossedLimit crossed) {
        CopyLimit limit = crossed.limit();
        action.context().warn(crossed.sentence());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", crossed.table());
        fields.put("limit", limit.name());
        fields.put("severity", limit.severity());
        fields.put("text", crossed.sentence());
        action.context().record(new VerbResult("alertWhen", fields));
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("host", action.toolbox().host());
        labels.put("runbook", action.context().runbook());
        labels.put("severity", limit.severity());
        labels.put("table", crossed.table());
        labels.put("limit", limit.name());
        String text = action.context().runbook() + ": " + crossed.sentence() + " (run "
                + action.context().runId() + ")";
        action.toolbox().alerts().fire(new Alert(limit.severity(), text, labels));
    }
}
