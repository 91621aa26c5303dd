package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.units.Bytes;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Holds the streams of a copy together to an average of so many bytes per second. What was not used while waiting for a server is not made up for. */
public final class RateLimit {

    /** A stream that was slow for a moment may catch up by this much. */
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final double nanosPerByte;
    private final Work work;
    private long freeAt = System.nanoTime();

    public RateLimit(@Nullable Bytes perSecond, Work work) {
        this.nanosPerByte = perSecond == null ? 0 : 1e9 / Math.max(1, perSecond.count());
        this.work = work;
    }

    /** Waits until so many more bytes may go. Ends early only when the work is told to stop, or the thread is interrupted. */
    public void spend(long bytes) {
        work.throwIfCancelled();
        double nanos = bytes * nanosPerByteNow();
        if (nanos == 0) {
            return;
        }
        long mayGoAt = reserve((long) nanos);
        for (long left = mayGoAt - System.nanoTime(); left > 0; left = mayGoAt - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, NAP_NANOS));
            work.throwIfCancelled();
            if (Thread.currentThread().isInterrupted()) {
                throw new WorkCancelledException("interrupted while rows waited for the rate limit");
            }
        }
    }

    /** The slower of the copy's own rate and its part of the one that all of the host share. */
    private double nanosPerByteNow() {
        OptionalLong shared = work.sharedRate();
        return shared.isPresent() ? Math.max(nanosPerByte, 1e9 / Math.max(1, shared.getAsLong())) : nanosPerByte;
    }

    /** The streams stand in one line: each waits for the bytes of those before it. */
    private synchronized long reserve(long nanos) {
        freeAt = Math.max(freeAt, System.nanoTime() - BURST_NANOS) + nanos;
        return freeAt;
    }
}
