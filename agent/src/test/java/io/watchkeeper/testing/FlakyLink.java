package io.watchkeeper.testing;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A TCP link to a server on this host that can be as bad as a satellite's: far, slow, dead without a word, cut, or up and down by
 * turns. Its client connects to {@link #port()}; all settings hold at once, also for the connections that are open.
 *
 * <p>What the systems at the two ends would find out by themselves (unanswered keep-alives, the user timeout) does not happen
 * here, because both ends talk to a socket of this process, which is always there. {@link #expireFarEnds} and
 * {@link #expireNearEnds} do it in their place.
 */
public final class FlakyLink implements AutoCloseable {

    /** What happens when the link goes down. */
    public enum Fault {
        /** Nothing passes, nobody is told, and all goes on where it stopped when the link is up again. */
        FREEZE,
        /** Both ends are told that the connection is gone, and connecting is refused. */
        CUT,
        /** As FREEZE, and when the link is up again it knows none of its connections any more: only new ones pass. */
        LOSE
    }

    private final ServerSocket entrance;
    private final int target;
    private final List<Connection> connections = new ArrayList<>();
    private final AtomicLong roundTrips = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger downs = new AtomicInteger();
    private final Pace toServer = new Pace();
    private final Pace toClient = new Pace();
    private volatile long latencyNanos;
    private volatile boolean frozen;
    private volatile boolean refusing;
    private volatile boolean closed;
    private volatile @Nullable Thread flapping;

    /** A link that is up, at no distance and with no limit. @param target the server's port on this host */
    public FlakyLink(int target) {
        this.target = target;
        try {
            entrance = new ServerSocket();
            // Small, so that whoever writes into a link that is down notices as soon as with a real one.
            entrance.setReceiveBufferSize(64 << 10);
            entrance.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public static FlakyLink to(LocalServer server) {
        return new FlakyLink(server.port());
    }

    public int port() {
        return entrance.getLocalPort();
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    /** A database of the server at the other end, reached through this link. @param name how it is called in messages */
    public DatabaseSettings settings(String name, String database) {
        return new DatabaseSettings(name, url(database), "postgres", null, 8, null, true);
    }

    /** Nothing passes any more, in either direction, and nobody is told; connecting goes unanswered. */
    public void freeze() {
        frozen = true;
        downs.incrementAndGet();
    }

    /** All goes on where {@link #freeze} stopped it. */
    public void thaw() {
        frozen = false;
        wake();
    }

    /** Forgets the connections that are open, as a router does: neither end is told and nothing of theirs passes ever again. */
    public void lose() {
        downs.incrementAndGet();
        open().forEach(Connection::lose);
    }

    /** Resets the connections that are open: both ends are told at once. New ones can be made. */
    public void cut() {
        downs.incrementAndGet();
        open().forEach(Connection::reset);
    }

    /** Whether connecting is refused from now on; what is open stays open. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** The server's system finds out that the client is gone, as it does by itself after unanswered keep-alives. */
    public void expireFarEnds() {
        open().stream().filter(c -> frozen || c.lost).forEach(c -> reset(c.far));
    }

    /** The client's system finds out that the server is gone. */
    public void expireNearEnds() {
        open().stream().filter(c -> frozen || c.lost).forEach(c -> reset(c.near));
    }

    /** How long a byte is under way, one way; a satellite's is 300 ms, so that a round trip takes 600 ms. */
    public FlakyLink latency(Duration oneWay) {
        latencyNanos = oneWay.toNanos();
        return this;
    }

    /** How many bytes per second each direction carries, over all connections; 0 for no limit. */
    public FlakyLink bytesPerSecond(long limit) {
        toServer.bytesPerSecond = limit;
        toClient.bytesPerSecond = limit;
        return this;
    }

    /** Lets the link go down and come up by turns, beginning with up, until {@link #steady}. */
    public void flap(Fault fault, Duration up, Duration down) {
        steady();
        flapping = start(() -> {
            try {
                while (!closed) {
                    TimeUnit.NANOSECONDS.sleep(up.toNanos());
                    goDown(fault);
                    TimeUnit.NANOSECONDS.sleep(down.toNanos());
                    comeUp(fault);
                }
            } catch (InterruptedException e) {
                comeUp(fault);
            }
        });
    }

    /** Ends the flapping, and leaves the link up. */
    public void steady() {
        Thread thread = flapping;
        if (thread != null) {
            flapping = null;
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void goDown(Fault fault) {
        if (fault == Fault.CUT) {
            refuse(true);
            cut();
        } else {
            freeze();
        }
    }

    private void comeUp(Fault fault) {
        if (fault == Fault.LOSE && frozen) {
            // Their servers' systems have given them up meanwhile, or locks would be held for ever.
            open().forEach(Connection::lose);
            expireFarEnds();
        }
        refuse(false);
        thaw();
    }

    /** How often the link went down so far. */
    public int downs() {
        return downs.get();
    }

    /** How often a client had to wait for an answer before it went on, which is what distance costs; over all connections. */
    public long roundTrips() {
        return roundTrips.get();
    }

    /** Connections made through the link so far. */
    public int connections() {
        return accepted.get();
    }

    /** Bytes that arrived so far, both directions together. */
    public long bytes() {
        return bytes.get();
    }

    private List<Connection> open() {
        synchronized (connections) {
            connections.removeIf(c -> c.near.isClosed() && c.far.isClosed());
            return List.copyOf(connections);
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket near = entrance.accept();
                start(() -> connect(near));
            } catch (IOException e) {
                // Closed, or a client that is gone already.
            }
        }
    }

    private void connect(Socket near) {
        try {
            awaitThaw();
            if (refusing || closed) {
                reset(near);
                return;
            }
            Socket far = new Socket();
            far.setReceiveBufferSize(64 << 10);
            far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            accepted.incrementAndGet();
            Connection connection = new Connection(near, far);
            synchronized (connections) {
                connections.add(connection);
            }
            connection.start();
        } catch (IOException e) {
            reset(near);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    private synchronized void awaitThaw() throws InterruptedException {
        while (frozen && !closed) {
            wait();
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Gone.
        }
    }

    private static Thread start(Runnable action) {
        Thread thread = new Thread(action, "flaky link");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void close() {
        closed = true;
        steady();
        try {
            entrance.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open().forEach(Connection::reset);
        wake();
    }

    /** What one direction carries. */
    private static final class Pace {
        private volatile long bytesPerSecond;
        private long free = System.nanoTime();

        /** Waits for as long as so many bytes take to be sent. */
        void send(int count) throws InterruptedException {
            long limit = bytesPerSecond;
            if (limit > 0) {
                long sent;
                synchronized (this) {
                    free = Math.max(free, System.nanoTime()) + count * 1_000_000_000L / limit;
                    sent = free;
                }
                TimeUnit.NANOSECONDS.sleep(Math.max(0, sent - System.nanoTime()));
            }
        }
    }

    private final class Connection {
        private final Socket near;
        private final Socket far;
        private volatile boolean lost;
        private volatile boolean answered = true;

        Connection(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        void start() {
            new FlakyWire(near, far, this::send, this::hold, this::endWasReset).start();
            new FlakyWire(far, near, this::answer, this::hold, this::endWasReset).start();
        }

        private long send(int count) throws InterruptedException {
            toServer.send(count);
            if (answered) {
                answered = false;
                roundTrips.incrementAndGet();
            }
            return latencyNanos;
        }

        private long answer(int count) throws InterruptedException {
            toClient.send(count);
            answered = true;
            return latencyNanos;
        }

        /** Waits while nothing passes. @return whether this connection is of those that pass */
        private boolean hold(int count) throws InterruptedException {
            awaitThaw();
            bytes.addAndGet(lost ? 0 : count);
            return !lost;
        }

        /** One end is gone; the other is told when that gets through to it. */
        private void endWasReset() {
            try {
                if (hold(0)) {
                    reset();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void lose() {
            lost = true;
        }

        void reset() {
            FlakyLink.reset(near);
            FlakyLink.reset(far);
        }
    }
}
