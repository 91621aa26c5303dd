package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a receiver is doing; written by its threads, read by everybody. */
final class ReceiverStatus {

    private boolean streaming;
    private int starts;
    private long moved;
    private @Nullable OperatorException problem;
    private @Nullable OperatorException moveProblem;
    private @Nullable ServerWal server;
    private @Nullable Lsn flushed;

    /**
     * One look at it.
     *
     * @param starts how often the receiver was started
     * @param moved files that came into the archive
     * @param problem why nothing is received; null while it streams, and before the first start
     * @param moveProblem why what is received does not come into the archive; null when it does
     * @param server at the last look; null when it did not answer
     * @param flushed the archive has everything up to here; null when that is not known yet
     */
    record View(
            boolean streaming,
            int starts,
            long moved,
            @Nullable OperatorException problem,
            @Nullable OperatorException moveProblem,
            @Nullable ServerWal server,
            @Nullable Lsn flushed) {}

    synchronized View view() {
        return new View(streaming, starts, moved, problem, moveProblem, server, flushed);
    }

    synchronized void streaming() {
        streaming = true;
        starts++;
        problem = null;
    }

    synchronized void notStreaming() {
        streaming = false;
    }

    /** @return whether this is news */
    synchronized boolean failed(OperatorException now) {
        boolean news = isNews(problem, now);
        streaming = false;
        problem = now;
        return news;
    }

    /** @return whether this is news */
    synchronized boolean moveFailed(OperatorException now) {
        boolean news = isNews(moveProblem, now);
        moveProblem = now;
        return news;
    }

    private static boolean isNews(@Nullable OperatorException before, OperatorException now) {
        return !String.valueOf(now.getMessage())
                .equals(Optional.ofNullable(before).map(Throwable::getMessage).orElse(null));
    }

    synchronized void moved(int files) {
        moved += files;
        moveProblem = null;
    }

    synchronized void looked(ServerWal now, @Nullable Lsn at) {
        server = now;
        if (at != null) {
            flushed = at;
        }
    }

    synchronized void lookFailed() {
        server = null;
    }
}
