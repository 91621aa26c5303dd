package io.watchkeeper.history;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Stores what could or should not be stored at once: gathered log lines, and ends of runs that met a store out of order. */
final class LateWriter implements AutoCloseable {

    /** A line is on disk at most this long after it was written, transactions of other processes aside. */
    private static final long GATHERING_MILLIS = 150;

    private static final long RETRY_MILLIS = 2_000;

    private final RunLog log;
    private final PendingEnds pending;
    private final AtomicBoolean due = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "history");
        made.setDaemon(true);
        return made;
    });

    LateWriter(RunLog log, PendingEnds pending) {
        this.log = log;
        this.pending = pending;
    }

    void soon() {
        in(GATHERING_MILLIS);
    }

    private void in(long millis) {
        if (due.compareAndSet(false, true)) {
            try {
                var unused = thread.schedule(this::write, millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // Closed meanwhile, and closing writes what waits.
                due.set(false);
            }
        }
    }

    private void write() {
        // Before the writing, so that a line that comes during it asks for another round.
        due.set(false);
        boolean lines = log.flush();
        boolean ends = pending.flush();
        if (!lines || !ends) {
            in(RETRY_MILLIS);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        log.flush();
        pending.flush();
    }
}
