package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.replication.LagCheck;
import io.watchkeeper.toolkit.replication.LagPlan;
import io.watchkeeper.toolkit.replication.LagResult;
import io.watchkeeper.toolkit.replication.SlotDropPlan;
import io.watchkeeper.toolkit.replication.SlotDropResult;
import io.watchkeeper.toolkit.replication.SlotDropper;
import java.sql.SQLException;
import java.util.Optional;
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
        SlotDropper dropper = new SlotDropper(
                action.toolbox().sight(),
                action.database(database),
                action.context().work());
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
}
