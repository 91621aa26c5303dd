package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.stream.PublicationPlan;
import io.watchkeeper.toolkit.stream.PublicationProvisioner;
import io.watchkeeper.toolkit.stream.PublicationResult;
import io.watchkeeper.toolkit.stream.StreamResult;
import io.watchkeeper.toolkit.stream.StreamState;
import io.watchkeeper.toolkit.stream.SubscriptionPlan;
import io.watchkeeper.toolkit.stream.SubscriptionProvisioner;
import io.watchkeeper.toolkit.stream.SyncPolling;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code provisionPublication} and {@code provisionSubscription}. */
record StreamVerbs(Action action) {

    private static final String PUBLICATION = "provisionPublication";
    private static final String SUBSCRIPTION = "provisionSubscription";

    PublicationResult publication(String database, Closure<?> block) throws SQLException {
        ProvisionPublicationSpec spec = new ProvisionPublicationSpec(action.texts());
        Closures.run(block, spec);
        PublicationPlan plan = spec.plan();
        Database where = action.database(database);
        PublicationProvisioner provisioner =
                new PublicationProvisioner(where, action.context().work());
        if (action.dryRun()) {
            action.plan(PUBLICATION, plan.name() + "  " + database, () -> provisioner.describe(plan));
            return new PublicationResult(plan.name(), database, false, List.of(), List.of(), List.of(), List.of());
        }
        PublicationResult result = provisioner.provision(plan);
        result.notes().forEach(action.context()::warn);
        action.context().record(new VerbResult(PUBLICATION, result.fields()));
        return result;
    }

    StreamResult subscription(String database, Closure<?> block) throws SQLException {
        ProvisionSubscriptionSpec spec = new ProvisionSubscriptionSpec(action.texts());
        Closures.run(block, spec);
        SubscriptionPlan plan = spec.plan(database);
        Database source = action.database(spec.source());
        Database target = action.database(database);
        SubscriptionProvisioner provisioner = new SubscriptionProvisioner(
                source,
                target,
                action.context().work(),
                new SyncPolling(source, target, action.context().work()));
        if (action.dryRun()) {
            action.plan(
                    SUBSCRIPTION,
                    plan.name() + "  " + spec.source() + " → " + database,
                    () -> spec.endsStream() ? provisioner.describeHandBack(plan) : provisioner.describe(plan));
            return nothingDone(plan, spec.source(), database);
        }
        StreamResult result = spec.endsStream() ? provisioner.handBack(plan) : provisioner.provision(plan);
        // What was asked for is no warning.
        result.notes().forEach(spec.endsStream() ? action.context()::info : action.context()::warn);
        action.context().record(new VerbResult(SUBSCRIPTION, result.fields()));
        if (result.problem().isPresent()) {
            throw result.problem().get();
        }
        return result;
    }

    private static StreamResult nothingDone(SubscriptionPlan plan, String source, String target) {
        return new StreamResult(
                plan.name(),
                plan.publication(),
                source,
                target,
                StreamState.POLLING,
                false,
                "",
                0,
                Map.of(),
                null,
                new Bytes(0),
                new Bytes(0),
                "",
                0,
                0,
                Map.of(),
                0,
                Duration.ZERO,
                List.of(),
                null);
    }
}
