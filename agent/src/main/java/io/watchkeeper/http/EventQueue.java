package io.watchkeeper.http;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What one client has yet to be told. Never makes the telling thread wait: a client that falls too far behind is dropped, and
 * comes back by itself with the id of the last event it has seen.
 */
final class EventQueue implements AutoCloseable {

    private final int most;
    private final Deque<LiveEvent> waiting = new ArrayDeque<>();
    private boolean closed;
    private boolean complete;

    EventQueue(int most) {
        this.most = most;
    }

    synchronized void offer(LiveEvent event) {
        if (closed || complete) {
            return;
        }
        if (waiting.size() >= most) {
            close();
            return;
        }
        waiting.add(event);
        notifyAll();
    }

    /** Nothing more will come; what waits is still delivered. */
    synchronized void complete() {
        complete = true;
        notifyAll();
    }

    /** Drops what waits and ends the client's stream. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
        notifyAll();
    }

    /** Whether no event will come out any more. */
    synchronized boolean isOver() {
        return closed || (complete && waiting.isEmpty());
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** The next event; empty when none came in time or none will come. */
    synchronized Optional<LiveEvent> poll(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (waiting.isEmpty() && !closed && !complete) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return Optional.empty();
            }
            wait(millis);
        }
        return Optional.ofNullable(waiting.poll());
    }
}
