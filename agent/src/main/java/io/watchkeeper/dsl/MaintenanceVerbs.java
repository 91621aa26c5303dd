package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.maintenance.Analyze;
import io.watchkeeper.toolkit.maintenance.AnalyzePlan;
import io.watchkeeper.toolkit.maintenance.AnalyzeResult;
import io.watchkeeper.toolkit.maintenance.AutovacuumAdvice;
import io.watchkeeper.toolkit.maintenance.AutovacuumRules;
import io.watchkeeper.toolkit.maintenance.Vacuum;
import io.watchkeeper.toolkit.maintenance.VacuumPlan;
import io.watchkeeper.toolkit.maintenance.VacuumResult;
import io.watchkeeper.toolkit.maintenance.XminHolder;
import io.watchkeeper.toolkit.maintenance.XminHorizon;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code analyze}, {@code vacuum}, {@code xminHorizon} and {@code autovacuumAdvice}. */
record MaintenanceVerbs(Action action) {

    /** Of tables that are not due a run document has the first ones only: nobody reads ten thousand. */
    private static final int MOST_NOT_DUE = 100;

    AnalyzeResult analyze(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        AnalyzeSpec spec = new AnalyzeSpec(action.texts());
        run(block, spec);
        AnalyzePlan plan = spec.plan(checked(tables));
        Analyze analyze =
                new Analyze(action.database(database), action.context().work(), clock());
        if (action.dryRun()) {
            action.plan("analyze", subject(database, tables), () -> analyze.describe(plan));
            return new AnalyzeResult(List.of(), List.of());
        }
        AnalyzeResult result = action.heavily(HeavyWork.maintenance(database), () -> analyze.run(plan));
        StepContext context = action.context();
        record("analyze", result.tables(), one -> one.due(), one -> one.fields());
        context.info("analyze " + database + ": " + result.words());
        result.leftOut().forEach(one -> context.warn(one.table() + ": " + one.skipped()));
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return result;
    }

    VacuumResult vacuum(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        VacuumSpec spec = new VacuumSpec(action.texts());
        run(block, spec);
        VacuumPlan plan = spec.plan(checked(tables));
        Vacuum vacuum = new Vacuum(action.database(database), action.context().work(), clock());
        if (action.dryRun()) {
            action.plan("vacuum", subject(database, tables), () -> vacuum.describe(plan));
            return new VacuumResult(List.of(), List.of(), List.of());
        }
        VacuumResult result = action.heavily(HeavyWork.maintenance(database), () -> vacuum.run(plan));
        StepContext context = action.context();
        record("vacuum", result.tables(), one -> one.due(), one -> one.fields());
        context.info("vacuum " + database + ": " + result.words());
        result.leftOut().forEach(one -> context.warn(one.table() + ": " + one.skipped()));
        for (XminHolder holder : result.heldBack()) {
            context.warn("dead rows of " + database + " that were deleted since could not be removed: " + holder.say()
                    + ". HINT: " + holder.remedy());
        }
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return result;
    }

    /** Reads only, so a dry run does it too, but remembers nothing. */
    Review xminHorizon(String database, @Nullable Closure<?> block) throws SQLException {
        XminHorizonSpec spec = new XminHorizonSpec();
        run(block, spec);
        Measurements memory =
                action.dryRun() ? Measurements.none() : action.toolbox().measurements();
        Review review = new XminHorizon(
                        action.database(database), action.context().work(), memory, clock())
                .review(spec.limits());
        return new ReviewVerbs(action).told("xminHorizon", review, spec.isReportOnly());
    }

    Review autovacuumAdvice(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        AutovacuumAdviceSpec spec = new AutovacuumAdviceSpec();
        run(block, spec);
        AutovacuumRules rules = spec.rules();
        List<String> named = checked(tables);
        AutovacuumAdvice advice =
                new AutovacuumAdvice(action.database(database), action.context().work());
        Review review;
        if (action.dryRun()) {
            if (spec.undoes()) {
                action.plan("autovacuumAdvice", subject(database, tables), () -> advice.describeUndo(named));
            } else if (spec.applies()) {
                action.plan("autovacuumAdvice", subject(database, tables), () -> advice.describe(named, rules));
            }
            review = advice.advise(named, rules);
        } else if (spec.undoes()) {
            review = advice.undo(named);
        } else {
            review = spec.applies() ? advice.apply(named, rules) : advice.advise(named, rules);
        }
        return new ReviewVerbs(action).told("autovacuumAdvice", review, spec.isReportOnly());
    }

    private Clock clock() {
        return action.toolbox().clock();
    }

    private <T> void record(String verb, List<T> tables, Predicate<T> due, Function<T, Map<String, Object>> fields) {
        int notDue = 0;
        for (T one : tables) {
            if (due.test(one) || ++notDue <= MOST_NOT_DUE) {
                action.context().record(new VerbResult(verb, fields.apply(one)));
            }
        }
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
