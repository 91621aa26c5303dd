package io.watchkeeper.toolkit.sync;

import io.watchkeeper.toolkit.copy.Pace;

/** The agent's own rounds, those of a few dozen rows in several transactions as if they were large. */
final class TableSyncerSteps extends TableSyncerRounds {

    @Override
    SyncPlan plan() {
        return super.plan().with(o -> o.withPace(Pace.FREE.withBatch(60L)));
    }

    @Override
    Largeness largeness() {
        return new Largeness(8_000, 8_000);
    }
}
