package io.watchkeeper;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.dsl.TenantSteps;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.tenant.DropPlan;
import io.watchkeeper.toolkit.tenant.Gentleness;
import io.watchkeeper.toolkit.tenant.MovePlan;
import io.watchkeeper.toolkit.tenant.Tenancy;
import io.watchkeeper.toolkit.tenant.TenantCreation;
import io.watchkeeper.toolkit.tenant.TenantDoor;
import io.watchkeeper.toolkit.tenant.TenantId;
import io.watchkeeper.toolkit.tenant.TenantLedger;
import io.watchkeeper.toolkit.tenant.TenantResult;
import io.watchkeeper.toolkit.tenant.TenantReview;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is done with a tenant by a command or over HTTP instead of by a runbook's file. */
public final class TenantRequest {

    /** As runs of it are called. */
    public static final String NAME = "tenant";

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** Rows are copied or removed gently. */
    private static final Duration LONG = Duration.ofHours(12);

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

    /** As a command asks for it. @throws OperatorException when something of it cannot be meant */
    public static Runbook create(
            AgentConfig config,
            Agent agent,
            @Nullable String database,
            String id,
            String region,
            String plan,
            @Nullable String key) {
        TenantRequest request = of(config, agent, database);
        return request.create(TenantWish.of(id, region, plan, agent.meta().tenants(), key));
    }

    /** The runbook {@code tenant} with one step, which shuts a tenant out or lets it in. */
    public static Runbook door(AgentConfig config, Agent agent, @Nullable String database, String id, boolean open) {
        TenantRequest request = of(config, agent, database);
        TenantId tenant = new TenantId(id);
        return request.runbook(
                (open ? "Lets the tenant " : "Shuts the tenant ") + id + (open ? " in." : " out."),
                context -> request.door(context, tenant, open));
    }

    /** The runbook {@code tenant} with one step, which looks whether tenants are kept apart. @param atMost as many are proven */
    public static Runbook verify(AgentConfig config, Agent agent, @Nullable String database, int atMost) {
        TenantRequest request = of(config, agent, database);
        return request.runbook("Looks whether tenants are kept apart.", context -> request.verify(context, atMost));
    }

    /**
     * The runbook {@code tenant} with one step, which gives a tenant its other form.
     *
     * @param to {@code schema} or {@code rls}
     * @param batch rows in one transaction
     * @param shutOut the longest time for which the tenant may be shut out
     */
    public static Runbook move(
            AgentConfig config,
            Agent agent,
            Clock clock,
            @Nullable String database,
            String id,
            String to,
            int batch,
            Duration shutOut) {
        TenantRequest request = of(config, agent, database);
        Gentleness gentleness = new Gentleness(
                batch, Gentleness.PAUSE, agent.meta().migrations().maxLag());
        MovePlan plan = new MovePlan(
                new TenantId(id), Tenancy.of(to), gentleness, shutOut, TenantWish.LOCK_TIMEOUT, TenantWish.ATTEMPTS);
        return request.runbook(
                "Gives the tenant " + id + " the form " + to + ".",
                LONG,
                context -> new TenantSteps(context, request.meta, ConfiguredToolkit.backups(config, clock))
                        .move(request.database, plan));
    }

    /**
     * The runbook {@code tenant} with one step, which archives a tenant and removes it.
     *
     * @param confirm the id once more; null for a dry run
     * @param testOn where the archive is restored to compare it; null for its own server
     * @param batch rows in one transaction
     */
    public static Runbook drop(
            AgentConfig config,
            Agent agent,
            Clock clock,
            @Nullable String database,
            String id,
            @Nullable String confirm,
            @Nullable String testOn,
            int batch) {
        TenantRequest request = of(config, agent, database);
        Gentleness gentleness = new Gentleness(
                batch, Gentleness.PAUSE, agent.meta().migrations().maxLag());
        DropPlan plan = DropPlan.of(id, confirm, gentleness);
        return request.runbook(
                "Archives the tenant " + id + " and removes it.",
                LONG,
                context -> new TenantSteps(context, request.meta, ConfiguredToolkit.backups(config, clock))
                        .drop(request.database, plan, testOn));
    }

    /** All tenants, by id, each as a flat map. */
    public static List<Map<String, Object>> list(AgentConfig config, @Nullable String database) {
        MetaTools meta = MetaTools.NONE.with(ConfiguredToolkit.tenants(config), ConfiguredToolkit.migrations(config));
        TenantRequest request = new TenantRequest(meta, database);
        request.requireConfigured(config);
        try (DatabasePools pools = new DatabasePools(config.databases(), config.state());
                Session session = pools.database(request.database).open(Work.unattended("watchkeeper: tenant list"))) {
            return TenantLedger.all(session).stream()
                    .map(one -> {
                        Map<String, Object> row = new LinkedHashMap<>();
                        row.put("id", one.id().text());
                        row.put("region", one.region());
                        row.put("plan", one.plan());
                        row.put("status", one.status());
                        row.put("tenancy", one.tenancy().word());
                        return row;
                    })
                    .toList();
        } catch (SQLException e) {
            throw new OperatorException(
                    "the tenants of database '" + request.database + "' cannot be read: " + e.getMessage(),
                    "watchkeeper doctor says what is wrong with the database.",
                    e);
        }
    }

    private static TenantRequest of(AgentConfig config, Agent agent, @Nullable String database) {
        TenantRequest request = new TenantRequest(agent.meta(), database);
        request.requireConfigured(config);
        return request;
    }

    private void requireConfigured(AgentConfig config) {
        List<String> known =
                config.databases().stream().map(DatabaseSettings::name).toList();
        if (!known.contains(database)) {
            throw new OperatorException(
                    "database '" + database + "' is not in the configuration",
                    Suggestion.didYouMean(database, known) + "Configured: " + String.join(", ", known) + ".");
        }
    }

    private void door(StepContext context, TenantId id, boolean open) throws SQLException {
        String verb = open ? "resumeTenant" : "suspendTenant";
        TenantDoor door = new TenantDoor(context.database(database), context.work());
        if (context.dryRun()) {
            context.plan(verb, database + "  " + id, door.describe(id, open));
            return;
        }
        boolean changed = open ? door.resume(id, context.runId()) : door.suspend(id);
        if (changed) {
            record(context, open ? "tenant.resumed" : "tenant.suspended", id.text());
        }
        context.record(new VerbResult(verb, Map.of("database", database, "tenant", id.text(), "changed", changed)));
        context.info("tenant " + id + (changed ? " is " : " was already ") + (open ? "let in" : "shut out"));
    }

    private void verify(StepContext context, int atMost) throws SQLException {
        Review review = new TenantReview(context.database(database), context.work())
                .review(context.dryRun() ? 0 : atMost, context.runId());
        context.info(review.words());
        review.findings().stream()
                .filter(one -> one.status() != ReviewStatus.OK)
                .forEach(one -> context.warn(one.code() + ": " + one.message()));
        context.record(new VerbResult("verifyTenants", review.fields()));
        Optional<OperatorException> failure = review.failure();
        if (failure.isPresent() && !context.dryRun()) {
            throw failure.get();
        }
    }

    private Runbook runbook(String description, StepBody body) {
        return runbook(description, TIMEOUT, body);
    }

    private Runbook runbook(String description, Duration timeout, StepBody body) {
        // Two at once wait for each other in the database anyway.
        return PitrRunbook.of(NAME, description, timeout, Policy.Overlap.QUEUE, body);
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
