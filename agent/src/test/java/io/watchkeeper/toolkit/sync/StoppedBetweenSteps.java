package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.toolkit.copy.Fleet;
import java.time.Instant;
import java.util.Optional;

/** Work that is told to stop once so many steps of a round are in. */
final class StoppedBetweenSteps implements Work {

    private final Fleet fleet;
    private final int steps;

    StoppedBetweenSteps(Fleet fleet, int steps) {
        this.fleet = fleet;
        this.steps = steps;
    }

    @Override
    public String applicationName() {
        return "stopped";
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.empty();
    }

    @Override
    public void throwIfCancelled() {
        boolean recorded = fleet.value("ship", "select to_regclass('watchkeeper.sync_steps') is not null")
                .equals("t");
        if (recorded
                && !fleet.rows("ship", "select from watchkeeper.sync_steps where steps >= " + steps)
                        .isEmpty()) {
            throw new WorkCancelledException("told to stop");
        }
    }

    @Override
    public Registration onCancel(Runnable action) {
        return () -> {};
    }

    @Override
    public void progress(Progress progress) {}
}
