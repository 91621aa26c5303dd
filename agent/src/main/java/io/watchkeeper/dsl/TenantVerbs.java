package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.tenant.Proof;
import io.watchkeeper.toolkit.tenant.TenantCreation;
import io.watchkeeper.toolkit.tenant.TenantDoor;
import io.watchkeeper.toolkit.tenant.TenantDropResult;
import io.watchkeeper.toolkit.tenant.TenantId;
import io.watchkeeper.toolkit.tenant.TenantMoveResult;
import io.watchkeeper.toolkit.tenant.TenantResult;
import io.watchkeeper.toolkit.tenant.TenantReview;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code tenant}, {@code verifyTenants} and what becomes of a tenant afterwards. */
record TenantVerbs(Action action) {

    TenantResult create(String database, String id, Closure<?> block) throws SQLException {
        TenantSpec spec = new TenantSpec(action.texts());
        Closures.run(block, spec);
        TenantWish wish = spec.wish(id, action.toolbox().meta().tenants());
        Database where = action.database(database);
        StepContext context = action.context();
        TenantCreation creation = new TenantCreation(where, context.work());
        if (action.dryRun()) {
            action.plan("tenant", database + "  " + id, () -> creation.describe(wish));
            return new TenantResult(
                    database,
                    wish.id(),
                    wish.region(),
                    wish.plan(),
                    wish.tenancy(),
                    List.of(),
                    new Proof(wish.id(), List.of(), Map.of()),
                    List.of(),
                    false);
        }
        TenantResult result = creation.create(wish, context.runId());
        if (!result.repeated()) {
            record("tenant.created", id);
        }
        context.info(result.words());
        result.notes().forEach(context::warn);
        context.record(new VerbResult("tenant", result.fields()));
        return result;
    }

    /** @return whether it was not so before */
    boolean suspend(String database, String id) throws SQLException {
        return door("suspendTenant", database, new TenantId(id), false);
    }

    /** @return whether it was not so before */
    boolean resume(String database, String id) throws SQLException {
        return door("resumeTenant", database, new TenantId(id), true);
    }

    private boolean door(String verb, String database, TenantId id, boolean open) throws SQLException {
        StepContext context = action.context();
        TenantDoor door = new TenantDoor(action.database(database), context.work());
        if (action.dryRun()) {
            action.plan(verb, database + "  " + id, () -> door.describe(id, open));
            return false;
        }
        boolean changed = open ? door.resume(id, context.runId()) : door.suspend(id);
        if (changed) {
            record(open ? "tenant.resumed" : "tenant.suspended", id.text());
        }
        context.info("tenant " + id + (changed ? " is " : " was already ") + (open ? " let in" : "shut out"));
        context.record(new VerbResult(verb, Map.of("database", database, "tenant", id.text(), "changed", changed)));
        return changed;
    }

    TenantMoveResult move(String database, String id, Closure<?> block) throws SQLException {
        MetaTools tools = action.toolbox().meta();
        MoveTenantSpec spec = new MoveTenantSpec(action.texts());
        Closures.run(block, spec);
        return steps().move(action.texts().require(TextKind.DATABASE, database), spec.plan(id, tools.migrations()));
    }

    TenantDropResult drop(String database, String id, Closure<?> block) throws SQLException {
        MetaTools tools = action.toolbox().meta();
        DropTenantSpec spec = new DropTenantSpec(action.texts());
        Closures.run(block, spec);
        return steps().drop(
                        action.texts().require(TextKind.DATABASE, database),
                        spec.plan(id, tools.migrations()),
                        spec.testOn());
    }

    private TenantSteps steps() {
        return new TenantSteps(
                action.context(), action.toolbox().meta(), action.toolbox().backups());
    }

    /** A dry run reads the catalogue and leaves out the proofs, which write what they take back. */
    Review verify(String database, @Nullable Closure<?> block) throws SQLException {
        VerifyTenantsSpec spec = new VerifyTenantsSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        StepContext context = action.context();
        Review review = new TenantReview(action.database(database), context.work())
                .review(action.dryRun() ? 0 : spec.atMost(), context.runId())
                .accepting(spec.accepted());
        return new ReviewVerbs(action).told("verifyTenants", review, spec.isReportOnly());
    }

    private void record(String what, String id) {
        action.toolbox()
                .meta()
                .audit()
                .record(AuditEvent.of("agent", "run " + action.context().runId(), what, id, "ok"));
    }
}
