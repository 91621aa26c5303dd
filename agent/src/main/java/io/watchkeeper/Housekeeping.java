package io.watchkeeper;

import io.watchkeeper.history.RunHistory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets old runs and figures, and tidies up after dead work, in a thread of its own: at the start and from time to time from then on. */
final class Housekeeping implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final long EVERY_HOURS = 6;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "housekeeping");
        created.setDaemon(true);
        return created;
    });

    /** @param sweeps of what dead work left in the databases, every hour: one of them may not have been reached before */
    Housekeeping(RunHistory history, Duration keepRuns, List<Runnable> sweeps) {
        var unused = thread.scheduleWithFixedDelay(() -> expire(history, keepRuns), 0, EVERY_HOURS, TimeUnit.HOURS);
        for (Runnable sweep : sweeps) {
            var unusedToo = thread.scheduleWithFixedDelay(() -> tidy(sweep), 0, 1, TimeUnit.HOURS);
        }
    }

    private static void tidy(Runnable sweep) {
        try {
            sweep.run();
        } catch (RuntimeException e) {
            LOG.warn("what dead work has left cannot be removed: {}", e.getMessage());
        }
    }

    /** A store that fails today may work tomorrow, so a failure does not end the repetition. */
    private static void expire(RunHistory history, Duration keepRuns) {
        try {
            int forgotten = history.expire(keepRuns);
            if (forgotten > 0) {
                LOG.info("forgot {} runs older than {} days", forgotten, keepRuns.toDays());
            }
            history.thinMeasurements();
        } catch (RuntimeException e) {
            LOG.warn("old runs and figures could not be forgotten: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
