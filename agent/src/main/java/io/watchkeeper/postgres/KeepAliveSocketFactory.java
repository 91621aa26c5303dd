package io.watchkeeper.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that find out within half a minute that the other end is gone, as long as nothing they sent is on its way: then the
 * system sends no keep-alive, and {@link LinkWatch} has to find out. A statement may run for hours without a byte on the wire, so
 * a read timeout would kill honest work; the system's own keep-alive waits two hours before its first probe.
 */
public final class KeepAliveSocketFactory extends SocketFactory {

    private static final int IDLE_SECONDS = 10;
    private static final int INTERVAL_SECONDS = 5;
    private static final int PROBES = 3;

    /** Made by the driver by name, and found again by the label that it gives its maker. */
    private static final Map<String, KeepAliveSocketFactory> MADE = new ConcurrentHashMap<>();

    private static final Map<String, SocketAddress> FIXED = new ConcurrentHashMap<>();

    private final @Nullable SocketAddress fixed;
    private volatile @Nullable TappedSocket newest;

    /** @param label the property {@code socketFactoryArg}, unique to one connection */
    public KeepAliveSocketFactory(String label) {
        fixed = FIXED.get(label);
        MADE.put(label, this);
    }

    /** Has the connection with this label lead there, whatever its host's name stands for by then; until it is claimed. */
    static void fix(String label, SocketAddress address) {
        FIXED.put(label, address);
    }

    /**
     * The socket of the connection that was made with this label, and forgets the label. Of several hosts the one that was
     * connected is the last that was tried.
     */
    static @Nullable TappedSocket claim(String label) {
        FIXED.remove(label);
        KeepAliveSocketFactory factory = MADE.remove(label);
        return factory == null ? null : factory.newest;
    }

    @Override
    public Socket createSocket() throws IOException {
        TappedSocket socket = new TappedSocket(fixed);
        newest = socket;
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, INTERVAL_SECONDS);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
        }
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("the driver connects its sockets itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException("the driver connects its sockets itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException("the driver connects its sockets itself");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException("the driver connects its sockets itself");
    }
}
