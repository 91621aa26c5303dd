package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.util.concurrent.TimeUnit;

/** Waiting between two looks at something that takes its time. */
final class Pause {

    private Pause() {}

    /** @throws WorkCancelledException when the work is told to stop */
    static void millis(Work work, long milliseconds) {
        work.throwIfCancelled();
        try {
            TimeUnit.MILLISECONDS.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkCancelledException("interrupted while waiting");
        }
        work.throwIfCancelled();
    }
}
