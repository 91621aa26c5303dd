package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.failover.FailoverCluster;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import io.watchkeeper.toolkit.replication.LagCheck;
import io.watchkeeper.toolkit.replication.LagPlan;
import io.watchkeeper.toolkit.replication.LagResult;
import io.watchkeeper.toolkit.replication.SlotDropPlan;
import io.watchkeeper.toolkit.replication.SlotDropResult;
import io.watchkeeper.toolkit.replication.SlotDropper;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code replicationLag} and {@code dropLeakedSlots}. */
record ReplicationVerbs(Action action) {

    private static final String LAG = "replicationLag";
    private static final String SLOTS = "dropLeakedSlots";

    LagResult lag(String database, @Nullable Closure<?> block) throws SQLException {
        ReplicationLagSpec spec = new ReplicationLagSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        LagPlan plan = spec.plan();
        Database where = action.database(database);
        LagResult result =
                new LagCheck(action.toolbox().sight(), where, action.context().work()).check(plan);
        if (action.dryRun()) {
            action.plan(LAG, database, () -> LagCheck.describe(result));
            return result;
        }
        action.context().record(new VerbResult(LAG, result.fields()));
        Optional<OperatorException> problem = result.problem();
        if (problem.isPresent()) {
            throw problem.get();
        }
        result.notes().forEach(action.context()::warn);
        return result;
    }

    SlotDropResult dropLeakedSlots(String database, Closure<?> block) throws SQLException {
        DropLeakedSlotsSpec spec = new DropLeakedSlotsSpec();
        Closures.run(block, spec);
        SlotDropPlan plan = spec.plan();
        Database where = action.database(database);
        SlotDropper dropper = new SlotDropper(
                action.toolbox().sight(), where, action.context().work(), managerOf(where));
        if (action.dryRun()) {
            SlotDropResult decided = dropper.decide(plan);
            action.plan(SLOTS, database, () -> SlotDropper.describe(decided));
            return decided;
        }
        SlotDropResult result = dropper.drop(plan);
        result.dropped()
                .forEach(gone -> action.context()
                        .warn("slot " + gone.name() + " was dropped: " + gone.reason() + ". " + gone.consequence()));
        action.context().record(new VerbResult(SLOTS, result.fields()));
        return result;
    }

    /** Of a manager that cannot be asked which slots are its own, every physical slot is taken to be. */
    private Function<ReplicationSlot, Optional<String>> managerOf(Database where) throws SQLException {
        Optional<FailoverCluster> cluster =
                new FailoverProbe(action.context()::database, action.context().work()).look(where);
        return slot -> cluster.filter(found -> found.ownsSlot(slot.name())
                        || (found.members().isEmpty() && slot.kind() == Replica.Kind.PHYSICAL))
                .map(found -> found.tool().title());
    }
}
