package io.watchkeeper.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts connections whose client sends, or takes, a trickle: it would hold a connection, and while a body is read a thread, for as long
 * as it likes, since one byte now and then keeps the idle timeout away. What counts is what was moved in the last while, not since the
 * beginning: a long answer may take as long as it takes. What is idle altogether (a connection kept for the next request, a page
 * waiting for events) is left to that timeout.
 */
final class SlowClients implements Connection.Listener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SlowClients.class);

    /** Slower than any line in use, and than any proxy. In bytes a second. */
    private static final long SLOWEST = 500;

    /**
     * The same for who takes an answer while a thread waits for it, as when there is no more memory for answers that wait: a few of them
     * would keep all others from being answered.
     */
    private static final long SLOWEST_WITH_THREAD = 32 * 1024;

    /**
     * Who keeps no thread waiting for its answer gets so many times as long: the system takes more of an answer only when a third of what
     * it holds has gone, which over a slow line takes a while.
     */
    private static final int LONGER_WITHOUT_THREAD = 3;

    /** What one connection has moved since it was looked at last and found fast enough. */
    private static final class Watched {
        private long in;
        private long out;
        private long trickleFrom = -1;
        private long trickled;
        private long blockedFrom = -1;
        private long drained;
        private volatile boolean holdsThread;
    }

    private final Map<Connection, Watched> connections = new ConcurrentHashMap<>();
    private final long patience;
    private final ScheduledExecutorService sweeper;

    /** @param patience how long a client may be slow */
    SlowClients(Duration patience) {
        this.patience = patience.toNanos();
        this.sweeper = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "http-slow-clients");
            thread.setDaemon(true);
            return thread;
        });
        long every = Math.max(50, patience.toMillis() / 10);
        var unused = sweeper.scheduleWithFixedDelay(this::sweep, every, every, TimeUnit.MILLISECONDS);
    }

    @Override
    public void onOpened(Connection connection) {
        connections.put(connection, new Watched());
    }

    @Override
    public void onClosed(Connection connection) {
        connections.remove(connection);
    }

    /** A thread works on a request of the connection from now on, or no more. */
    void holdsThread(Connection connection, boolean holds) {
        Watched watched = connections.get(connection);
        if (watched != null) {
            watched.holdsThread = holds;
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        connections.forEach((connection, watched) -> {
            if (sendsATrickle(connection, watched, now) || takesATrickle(connection, watched, now)) {
                connections.remove(connection);
                cut(connection);
            }
        });
    }

    private static void cut(Connection connection) {
        EndPoint end = connection.getEndPoint();
        LOG.info("cut a connection from {}: its client was too slow", end.getRemoteSocketAddress());
        // Not by the connection's own close, which for TLS would write a farewell that nobody takes.
        end.close(new java.net.SocketTimeoutException("too slow"));
    }

    /** Bytes come in and nothing is answered yet: headers or a body are on their way. With an answer the count begins anew. */
    private boolean sendsATrickle(Connection connection, Watched watched, long now) {
        long in = connection.getBytesIn();
        long out = connection.getBytesOut();
        long came = in - watched.in;
        boolean answered = out != watched.out;
        watched.in = in;
        watched.out = out;
        if (answered) {
            watched.trickleFrom = -1;
            return false;
        }
        if (came == 0) {
            // All may be here and the agent at work on it. Were it not so, the idle timeout would see to it.
            return false;
        }
        if (watched.trickleFrom < 0) {
            watched.trickleFrom = now;
            watched.trickled = 0;
        }
        watched.trickled += came;
        long nanos = now - watched.trickleFrom;
        if (nanos <= patience) {
            return false;
        }
        boolean slow = isTooSlow(watched.trickled, nanos, SLOWEST);
        watched.trickleFrom = now;
        watched.trickled = 0;
        return slow;
    }

    private static boolean isTooSlow(long bytes, long nanos, long slowest) {
        return bytes < slowest * nanos / 1_000_000_000L;
    }

    /** An answer is there to be sent, and the client does not take it. */
    private boolean takesATrickle(Connection connection, Watched watched, long now) {
        boolean blocked = connection.getEndPoint() instanceof AbstractEndPoint end
                && end.getWriteFlusher().isPending();
        if (!blocked) {
            watched.blockedFrom = -1;
            return false;
        }
        long out = connection.getBytesOut();
        if (watched.blockedFrom < 0) {
            watched.blockedFrom = now;
            watched.drained = out;
        }
        boolean holds = watched.holdsThread;
        long nanos = now - watched.blockedFrom;
        if (nanos <= (holds ? patience : patience * LONGER_WITHOUT_THREAD)) {
            return false;
        }
        boolean slow = isTooSlow(out - watched.drained, nanos, holds ? SLOWEST_WITH_THREAD : SLOWEST);
        watched.blockedFrom = now;
        watched.drained = out;
        return slow;
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
