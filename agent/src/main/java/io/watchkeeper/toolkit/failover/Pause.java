package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting between two looks. */
final class Pause {

    private Pause() {}

    /** @throws WorkCancelledException when the work was told to stop */
    static void of(Duration time, Work work) {
        work.throwIfCancelled();
        LockSupport.parkNanos(time.toNanos());
        work.throwIfCancelled();
        if (Thread.currentThread().isInterrupted()) {
            throw new WorkCancelledException("interrupted");
        }
    }
}
