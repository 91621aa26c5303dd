package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.index.BloatReview;
import io.watchkeeper.toolkit.index.IndexAdvice;
import io.watchkeeper.toolkit.index.Reindex;
import io.watchkeeper.toolkit.index.ReindexPlan;
import io.watchkeeper.toolkit.index.ReindexResult;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code bloat}, {@code reindex} and {@code indexAdvice}. */
record IndexVerbs(Action action) {

    /** Reads only, so a dry run does it too, and keeps nothing of it. */
    Review bloat(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        BloatSpec spec = new BloatSpec();
        run(block, spec);
        Toolbox toolbox = action.toolbox();
        Measurements kept = action.dryRun() ? Measurements.none() : toolbox.measurements();
        BloatReview review =
                new BloatReview(action.database(database), action.context().work(), kept, toolbox.clock());
        return new ReviewVerbs(action).told("bloat", review.review(spec.limits(checked(tables))), spec.isReportOnly());
    }

    /** Reads only, so a dry run does it too, and keeps nothing of it. */
    Review advice(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        IndexAdviceSpec spec = new IndexAdviceSpec(action.texts(), action.folder());
        run(block, spec);
        Toolbox toolbox = action.toolbox();
        Measurements kept = action.dryRun() ? Measurements.none() : toolbox.measurements();
        IndexAdvice advice =
                new IndexAdvice(action.database(database), action.context().work(), kept, toolbox.clock());
        Review review = advice.review(spec.plan(checked(tables), action::database));
        return new ReviewVerbs(action).told("indexAdvice", review, spec.isReportOnly());
    }

    ReindexResult reindex(String database, List<String> tables, @Nullable Closure<?> block) throws SQLException {
        ReindexSpec spec = new ReindexSpec();
        run(block, spec);
        ReindexPlan plan = spec.plan(checked(tables));
        StepContext context = action.context();
        Toolbox toolbox = action.toolbox();
        Reindex reindex = new Reindex(
                action.database(database),
                context.work(),
                toolbox.measurements(),
                toolbox.clock(),
                toolbox.backups().bin());
        if (action.dryRun()) {
            String subject = database + "  " + (tables.isEmpty() ? "all tables" : String.join(", ", tables));
            action.plan("reindex", subject, () -> reindex.describe(plan));
            return new ReindexResult(database, 0, List.of(), List.of(), Map.of(), List.of(), List.of());
        }
        ReindexResult result = action.heavily(HeavyWork.maintenance(database), () -> reindex.run(plan));
        result.rebuilt().forEach(one -> context.record(new VerbResult("reindex", one.fields())));
        result.repacked().forEach(one -> context.record(new VerbResult("reindex", one.fields())));
        context.record(new VerbResult("reindex", result.fields()));
        context.info(result.words());
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return result;
    }

    private static void run(@Nullable Closure<?> block, Object spec) {
        if (block != null) {
            Closures.run(block, spec);
        }
    }

    private List<String> checked(List<String> tables) {
        tables.forEach(table -> action.texts().require(TextKind.TABLE_PATTERN, table));
        return tables;
    }
}
