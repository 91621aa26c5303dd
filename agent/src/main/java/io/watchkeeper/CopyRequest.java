package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.toolkit.copy.MergeBy;
import io.watchkeeper.toolkit.copy.TableSetCopier;
import io.watchkeeper.toolkit.copy.TableSetPlan;
import io.watchkeeper.toolkit.copy.TableSetResult;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A copy asked for by a command instead of a runbook's file.
 *
 * @param strategy what becomes of the rows the target already has: truncate, swap, append or merge
 * @param resume whether a copy that was interrupted is gone on with
 * @param batch rows of a chunk; null to choose
 */
public record CopyRequest(
        PairRequest asked,
        String strategy,
        boolean resume,
        @Nullable Integer batch,
        boolean verify,
        boolean analyze) {

    /** @throws OperatorException when there is no such strategy */
    public CopyRequest {
        strategyNamed(strategy);
    }

    /**
     * The runbook {@code copy} with one step, which does this.
     *
     * @param usualWorkers of this host, where none were asked for; null for as many as pay
     */
    public Runbook runbook(@Nullable Integer usualWorkers) {
        return asked.runbook(
                "copy",
                "Copies " + String.join(", ", asked.tables()) + " from " + asked.from() + " to " + asked.to() + ".",
                context -> copy(context, plan(usualWorkers)));
    }

    private void copy(StepContext context, TableSetPlan plan) throws SQLException {
        Database source = context.database(asked.from());
        Database target = context.database(asked.to());
        TableSetCopier copier = new TableSetCopier(source, target, context.work());
        if (context.dryRun()) {
            context.plan("copyTables", asked.subject(), copier.describe(plan));
            return;
        }
        TableSetResult result = context.heavily(
                HeavyWork.between(HeavyWork.Kind.COPY, asked.from(), asked.to()), () -> copier.copy(plan));
        result.results().forEach(one -> context.record(new VerbResult("copyTable", one.fields())));
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private TableSetPlan plan(@Nullable Integer usualWorkers) {
        CopyOptions options = CopyOptions.DEFAULT
                .withColumns(asked.columns())
                .withWhere(asked.where())
                .withStrategy(strategyNamed(strategy))
                .withMergeBy(MergeBy.PRIMARY_KEY.withColumns(asked.key()))
                .withPace(asked.pace(usualWorkers).withBatch(batch == null ? null : batch.longValue()))
                .withResume(resume)
                .withVerify(verify)
                .withAnalyze(analyze);
        return new TableSetPlan(asked.tables(), asked.except(), options);
    }

    private static CopyStrategy strategyNamed(String name) {
        return PairRequest.named("--strategy", name, PairRequest.allBut(CopyStrategy.class, CopyStrategy.PARTITION));
    }
}
