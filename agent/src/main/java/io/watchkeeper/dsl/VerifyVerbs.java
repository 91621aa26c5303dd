package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.sync.PendingRows;
import io.watchkeeper.toolkit.verify.TableSetVerifier;
import io.watchkeeper.toolkit.verify.TableVerifier;
import io.watchkeeper.toolkit.verify.VerifyFindings;
import io.watchkeeper.toolkit.verify.VerifyPlan;
import io.watchkeeper.toolkit.verify.VerifyResult;
import io.watchkeeper.toolkit.verify.VerifySetPlan;
import io.watchkeeper.toolkit.verify.VerifySetResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code verifyTable} and {@code verifyTables}. */
record VerifyVerbs(Action action) {

    VerifyResult verifyTable(String table, Closure<?> block) throws SQLException {
        action.texts().require(TextKind.TABLE, table);
        VerifyTableSpec spec = new VerifyTableSpec(action.texts());
        Closures.run(block, spec);
        VerifyPlan plan = spec.plan(table);
        StepContext context = action.context();
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        if (action.dryRun()) {
            TableVerifier verifier = new TableVerifier(source, target, context.work(), null, new PendingRows());
            action.plan("verifyTable", spec.subject(plan.from().toString()), () -> verifier.describe(plan));
            return nothingCompared(plan, spec);
        }
        VerifyResult result;
        try {
            result = action.heavily(
                    heavy(spec),
                    () -> new TableVerifier(source, target, context.work(), context.reports(), new PendingRows())
                            .verify(plan));
        } catch (OperatorException e) {
            judge(new VerifySetResult(List.of(), List.of(new TableFailure(plan.from(), e))), spec);
            throw e;
        }
        judge(new VerifySetResult(List.of(result), List.of()), spec);
        return result;
    }

    private static VerifyResult nothingCompared(VerifyPlan plan, VerifySpec spec) {
        return new VerifyResult(
                plan.from(),
                plan.to(),
                spec.source(),
                spec.target(),
                plan.options().by(),
                0,
                0,
                0,
                0,
                List.of(),
                null,
                0,
                new Lsn(0),
                plan.options().sample(),
                0,
                false,
                Duration.ZERO,
                Map.of(),
                plan.options().repair(),
                0,
                List.of(),
                null,
                List.of("a dry run"));
    }

    VerifySetResult verifyTables(List<String> patterns, Closure<?> block) throws SQLException {
        patterns.forEach(p -> action.texts().require(TextKind.TABLE_PATTERN, p));
        VerifyTablesSpec spec = new VerifyTablesSpec(action.texts());
        Closures.run(block, spec);
        VerifySetPlan plan = spec.plan(patterns);
        StepContext context = action.context();
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        if (action.dryRun()) {
            TableSetVerifier verifier = new TableSetVerifier(source, target, context.work(), null, new PendingRows());
            action.plan("verifyTables", spec.subject(String.join(", ", patterns)), () -> verifier.describe(plan));
            return new VerifySetResult(List.of(), List.of());
        }
        VerifySetResult result = action.heavily(
                heavy(spec),
                () -> new TableSetVerifier(source, target, context.work(), context.reports(), new PendingRows())
                        .verify(plan));
        judge(result, spec);
        return result;
    }

    private static HeavyWork heavy(VerifySpec spec) {
        return HeavyWork.between(HeavyWork.Kind.VERIFY, spec.source(), spec.target());
    }

    /** Records what was found, writes the run's report anew, and says whether the run goes on. */
    private void judge(VerifySetResult found, VerifySpec spec) {
        StepContext context = action.context();
        // One result for each table, as if each had been compared by a verb of its own.
        found.results().forEach(one -> context.record(new VerbResult("verifyTable", one.fields())));
        context.shared(VerifyFindings.class, VerifyFindings::new)
                .add(found)
                .report(context.runId())
                .write(context.reports());
        Optional<OperatorException> mismatch = VerifyFindings.mismatch(found, context.reports());
        Optional<OperatorException> failure = found.failure();
        boolean fails = mismatch.isPresent() && spec.onMismatch() == OnMismatch.FAIL;
        if (mismatch.isPresent() && (failure.isPresent() || !fails)) {
            context.warn(String.valueOf(mismatch.get().getMessage()));
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
        if (fails) {
            throw mismatch.get();
        }
    }
}
