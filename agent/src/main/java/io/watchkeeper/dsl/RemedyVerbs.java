package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.remedy.LagRemediator;
import io.watchkeeper.toolkit.remedy.ProvisionedStandbys;
import io.watchkeeper.toolkit.remedy.RemedyPlan;
import io.watchkeeper.toolkit.remedy.RemedyReport;
import io.watchkeeper.toolkit.remedy.RemedyResult;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code remediateLag}. */
record RemedyVerbs(Action action) {

    private static final String VERB = "remediateLag";

    RemedyResult remediate(String database, @Nullable Closure<?> block) throws SQLException {
        RemediateLagSpec spec = new RemediateLagSpec(action.texts());
        if (block != null) {
            Closures.run(block, spec);
        }
        RemedyPlan plan = spec.plan();
        Database primary = action.database(database);
        StepContext context = action.context();
        Toolbox toolbox = action.toolbox();
        LagRemediator remediator = new LagRemediator(
                primary,
                context.databases(),
                toolbox.backups().state(),
                toolbox.sight(),
                toolbox.clock(),
                context.work(),
                context.runId(),
                new ProvisionedStandbys(
                        primary, context::database, toolbox.backups().state(), context.work(), toolbox.clock()),
                context::info);
        if (action.dryRun()) {
            action.plan(VERB, database, () -> remediator.describe(plan));
            return remediator.result();
        }
        try {
            remediator.run(plan);
        } finally {
            // Of a run that is stopped, too: what was done and taken back is what a person wants to know then.
            tell(remediator.result(), context);
        }
        RemedyResult result = remediator.result();
        Optional<OperatorException> problem = result.problem();
        if (problem.isPresent()) {
            throw problem.get();
        }
        return result;
    }

    private static void tell(RemedyResult result, StepContext context) {
        context.record(new VerbResult(VERB, result.fields()));
        context.info(result.words());
        if (result.ending() != RemedyResult.Ending.NOT_BEHIND) {
            context.shared(RemedyReport.class, RemedyReport::new).add(result, context.runId(), context.reports());
        }
    }
}
