package io.watchkeeper.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to a server on this host that counts how often a client had to wait for an answer before it went on, which is what a
 * long link costs.
 */
public final class RoundTripCounter implements AutoCloseable {

    private final ServerSocket entrance;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong roundTrips = new AtomicLong();

    public RoundTripCounter(int target) {
        this.target = target;
        try {
            entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return entrance.getLocalPort();
    }

    /** Over all connections so far. */
    public long count() {
        return roundTrips.get();
    }

    private void accept() {
        try {
            while (!entrance.isClosed()) {
                Socket near = entrance.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                sockets.add(near);
                sockets.add(far);
                AtomicBoolean answered = new AtomicBoolean(true);
                start(() -> pump(near, far, () -> {
                    if (answered.getAndSet(false)) {
                        roundTrips.incrementAndGet();
                    }
                }));
                start(() -> pump(far, near, () -> answered.set(true)));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private static void pump(Socket from, Socket to, Runnable noticed) {
        byte[] buffer = new byte[65536];
        try (to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                noticed.run();
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One end is gone.
        }
    }

    private static void start(Runnable action) {
        Thread thread = new Thread(action, "test link");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            entrance.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
