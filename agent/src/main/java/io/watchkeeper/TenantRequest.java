package io.watchkeeper;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.tenant.TenantCreation;
import io.watchkeeper.toolkit.tenant.TenantResult;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is done with a tenant by a command or over HTTP instead of by a runbook's file. */
public final class TenantRequest {

    /** As runs of it are called. */
    public static final String NAME = "tenant";

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final MetaTools meta;
    private final String database;

    /**
     * @param named the configured database; null for the one that {@code meta} names
     * @throws OperatorException when neither names one
     */
    TenantRequest(MetaTools meta, @Nullable String named) {
        this.meta = meta;
        String which = named == null ? meta.tenants().database() : named;
        if (which == null) {
            throw new OperatorException(
                    "no database for tenants is configured", "name it in watchkeeper.yaml: meta: { database: shore }");
        }
        this.database = which;
    }

    String database() {
        return database;
    }

    /** The runbook {@code tenant} with one step, which makes it. */
    Runbook create(TenantWish wish) {
        return runbook("Makes the tenant " + wish.id() + ".", context -> create(context, wish));
    }

    private Runbook runbook(String description, StepBody body) {
        // Two at once wait for each other in the database anyway.
        return PitrRunbook.of(NAME, description, TIMEOUT, Policy.Overlap.QUEUE, body);
    }

    private void create(StepContext context, TenantWish wish) throws SQLException {
        TenantCreation creation = new TenantCreation(context.database(database), context.work());
        if (context.dryRun()) {
            context.plan(NAME, database + "  " + wish.id(), creation.describe(wish));
            return;
        }
        TenantResult result = creation.create(wish, context.runId());
        if (!result.repeated()) {
            record(context, "tenant.created", wish.id().text());
        }
        result.notes().forEach(context::warn);
        context.record(new VerbResult(NAME, result.fields()));
        context.info(result.words());
    }

    private void record(StepContext context, String what, String id) {
        meta.audit().record(AuditEvent.of("agent", "run " + context.runId(), what, id, "ok"));
    }
}
