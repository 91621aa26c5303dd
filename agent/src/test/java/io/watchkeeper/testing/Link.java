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

/** A TCP link to a server on this host that can go dead as a satellite's does: nothing comes through, and nobody says so. */
public final class Link implements AutoCloseable {

    private final ServerSocket entrance;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean dead;

    public Link(int target) {
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

    public void goDead() {
        dead = true;
    }

    public void comeBack() {
        dead = false;
    }

    private void accept() {
        try {
            while (!entrance.isClosed()) {
                Socket near = entrance.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
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
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!dead) {
                    out.write(buffer, 0, n);
                }
            }
            if (!dead) {
                to.close();
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
