package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.Bytes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Keeps reading to a rate, says how far it is, and stops it when the work was cancelled. For one thread. */
final class ReadingPace {

    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(200);

    private final long bytesPerSecond;
    private final Work work;
    private long total;
    private long dueSince = System.nanoTime();
    private long dueBytes;
    private String subject = "";
    private long ofSubject;

    ReadingPace(Bytes perSecond, Work work) {
        this.bytesPerSecond = perSecond.count();
        this.work = work;
    }

    /** What is read from now on. */
    void begin(String what) {
        subject = what;
        ofSubject = 0;
        work.throwIfCancelled();
        work.progress(Progress.ofBytes(subject, "verify", 0, 0));
    }

    void end() {
        work.progress(Progress.finished(subject));
    }

    /** So much was read: returns when more may be. */
    void read(long bytes) {
        total += bytes;
        ofSubject += bytes;
        dueBytes += bytes;
        work.throwIfCancelled();
        work.progress(Progress.ofBytes(subject, "verify", ofSubject, 0));
        for (long wait = waitNanos(); wait > 0; wait = waitNanos()) {
            LockSupport.parkNanos(Math.min(wait, LONGEST_WAIT));
            work.throwIfCancelled();
        }
        // Time in which nothing was read is not made up for: the disk would see a burst.
        if (-waitNanos() > LONGEST_WAIT) {
            dueSince = System.nanoTime();
            dueBytes = 0;
        }
    }

    /** Bytes read so far. */
    long total() {
        return total;
    }

    private long waitNanos() {
        double due = dueBytes * 1e9 / Math.min(bytesPerSecond, work.sharedRate().orElse(Long.MAX_VALUE));
        return (long) due - (System.nanoTime() - dueSince);
    }
}
