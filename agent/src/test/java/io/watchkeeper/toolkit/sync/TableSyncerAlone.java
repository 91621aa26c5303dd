package io.watchkeeper.toolkit.sync;

/** The agent's own rounds, which refuse a target that others have written to: so its own writes must never be taken for theirs. */
final class TableSyncerAlone extends TableSyncerRounds {

    @Override
    SyncPlan plan() {
        return super.plan().with(o -> o.withLocalEdits(LocalEdits.FAIL));
    }
}
