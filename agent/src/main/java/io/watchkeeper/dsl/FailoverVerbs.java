package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.failover.AuthenticationReview;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import io.watchkeeper.toolkit.failover.FailoverStatus;
import io.watchkeeper.toolkit.failover.Switchover;
import io.watchkeeper.toolkit.failover.SwitchoverPlan;
import io.watchkeeper.toolkit.failover.SwitchoverResult;
import io.watchkeeper.toolkit.failover.SynchronousStandbys;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code failoverCluster}, {@code authenticationReview}, {@code synchronousStandbys} and {@code switchover}. */
record FailoverVerbs(Action action) {

    private FailoverProbe probe() {
        return new FailoverProbe(action.context()::database, action.context().work());
    }

    /** Reads only, so a dry run does it too. */
    FailoverStatus cluster(String database) throws SQLException {
        FailoverStatus status = new FailoverStatus(database, probe().look(action.database(database)));
        action.context().info(status.words());
        action.context().record(new VerbResult("failoverCluster", status.fields()));
        return status;
    }

    /** Reads only, so a dry run does it too. */
    Review authentication(String database, @Nullable Closure<?> block) throws SQLException {
        AuthenticationReviewSpec spec = new AuthenticationReviewSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        Database where = action.database(database);
        Review review = new AuthenticationReview(where, action.context().work())
                .review()
                .accepting(spec.accepted());
        return told("authenticationReview", review);
    }

    Review synchronousStandbys(String database, @Nullable Closure<?> block) throws SQLException {
        SynchronousStandbysSpec spec = new SynchronousStandbysSpec(action.texts());
        if (block != null) {
            Closures.run(block, spec);
        }
        StepContext context = action.context();
        SynchronousStandbys standbys = new SynchronousStandbys(
                action.database(database),
                probe(),
                context.work(),
                action.toolbox().backups().state());
        if (spec.wanted().isPresent() && !action.dryRun()) {
            return told("synchronousStandbys", standbys.set(spec.wanted().get(), spec.within()));
        }
        if (spec.wanted().isPresent()) {
            action.plan(
                    "synchronousStandbys",
                    database + " → '" + spec.wanted().get() + "'",
                    () -> standbys.describe(spec.wanted().get(), spec.within()));
        }
        return told("synchronousStandbys", standbys.advise());
    }

    SwitchoverResult switchover(String database, Closure<?> block) throws SQLException {
        SwitchoverSpec spec = new SwitchoverSpec(action.texts());
        Closures.run(block, spec);
        SwitchoverPlan plan = spec.plan(database);
        StepContext context = action.context();
        BackupSettings host = action.toolbox().backups();
        Switchover switchover = new Switchover(context::database, context.work(), host.state(), host.bin());
        if (action.dryRun()) {
            action.plan("switchover", plan.title(), () -> switchover.describe(plan));
            return new SwitchoverResult(plan.from(), plan.to(), "nothing", List.of(), null, List.of("a dry run"));
        }
        SwitchoverResult result = spec.takesBack() ? switchover.back(database) : switchover.run(plan);
        result.notes().forEach(context::warn);
        context.record(new VerbResult("switchover", result.fields()));
        return result;
    }

    private Review told(String verb, Review review) {
        return new ReviewVerbs(action).told(verb, review, false);
    }
}
