package io.watchkeeper.testing;

import io.watchkeeper.postgres.DatabaseSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A way to a server on this host that counts the bytes that go over it, in both directions together. */
public final class ByteCounter implements AutoCloseable {

    private final ServerSocket entrance;
    private final String url;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();

    private ByteCounter(String url) {
        URI address = URI.create(url.substring("jdbc:".length()));
        this.target = address.getPort();
        try {
            entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.url = url.replace(":" + target + "/", ":" + entrance.getLocalPort() + "/");
        start(this::accept);
    }

    public static ByteCounter to(DatabaseSettings database) {
        return new ByteCounter(database.url());
    }

    /** The database's address by this way. */
    public String url() {
        return url;
    }

    /** Over all connections so far. */
    public long bytes() {
        return bytes.get();
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
                start(() -> pump(near, far));
                start(() -> pump(far, near));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[65536];
        try (to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes.addAndGet(n);
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One end is gone.
        }
    }

    private static void start(Runnable action) {
        Thread thread = new Thread(action, "test byte counter");
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
