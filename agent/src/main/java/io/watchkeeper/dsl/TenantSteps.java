package io.watchkeeper.dsl;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.tenant.DropPlan;
import io.watchkeeper.toolkit.tenant.MovePlan;
import io.watchkeeper.toolkit.tenant.TenantDrop;
import io.watchkeeper.toolkit.tenant.TenantDropResult;
import io.watchkeeper.toolkit.tenant.TenantMove;
import io.watchkeeper.toolkit.tenant.TenantMoveResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves and drops tenants as a step of a run, whether a runbook or a command asks for it: described in a dry run, else done, recorded in the
 * run and put on the audit trail.
 */
public record TenantSteps(StepContext context, MetaTools tools, BackupSettings backups) {

    /** Moves one. */
    public TenantMoveResult move(String database, MovePlan plan) throws SQLException {
        TenantMove move = new TenantMove(context.database(database), context.work());
        if (context.dryRun()) {
            context.plan("moveTenant", database + "  " + plan.tenant(), move.describe(plan));
            return new TenantMoveResult(
                    database, plan.tenant(), plan.to(), Map.of(), 0, Duration.ZERO, false, List.of());
        }
        TenantMoveResult result =
                context.heavily(HeavyWork.maintenance(database), () -> move.move(plan, context.runId()));
        if (result.changed()) {
            record("tenant.moved", result.id());
        }
        context.info(result.words());
        result.notes().forEach(context::warn);
        context.record(new VerbResult("moveTenant", result.fields()));
        return result;
    }

    /** Drops one. @param testOn where the archive is restored to compare it; null for its own server */
    public TenantDropResult drop(String database, DropPlan plan, @Nullable String testOn) throws SQLException {
        Database where = context.database(database);
        Database testServer = testOn == null ? where : context.database(testOn);
        TenantDrop drop = new TenantDrop(where, testServer, backups, context.work());
        if (context.dryRun()) {
            context.plan("dropTenant", database + "  " + plan.tenant(), drop.describe(plan));
            return new TenantDropResult(database, plan.tenant(), "", Map.of(), false);
        }
        TenantDropResult result =
                context.heavily(HeavyWork.on(HeavyWork.Kind.BACKUP, database), () -> drop.drop(plan, context.runId()));
        if (result.changed()) {
            record("tenant.dropped", result.id() + ", archive " + result.archive());
        }
        context.info(result.words());
        context.record(new VerbResult("dropTenant", result.fields()));
        return result;
    }

    private void record(String what, String subject) {
        tools.audit().record(AuditEvent.of("agent", "run " + context.runId(), what, subject, "ok"));
    }
}
