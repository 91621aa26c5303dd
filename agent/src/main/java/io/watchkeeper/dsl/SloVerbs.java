package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.toolkit.slo.SloLook;
import io.watchkeeper.toolkit.slo.SloObjectives;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** {@code slo}. */
record SloVerbs(Action action) {

    /** A dry run tells what is known from before, and what would be asked. */
    Review look(String database, @Nullable Closure<?> block) throws SQLException {
        SloSpec spec = new SloSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        SloObjectives objectives = spec.objectives();
        StepContext context = action.context();
        Toolbox toolbox = action.toolbox();
        SloLook look = new SloLook(
                action.database(database), context.work(), toolbox.backups().state(), toolbox.clock());
        if (action.dryRun()) {
            context.plan("slo", database, look.describe(objectives));
        }
        Review review = action.dryRun() ? look.known(objectives) : look.look(objectives);
        return new ReviewVerbs(action).told("slo", review, spec.isReportOnly());
    }
}
