package io.watchkeeper.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that find out within two minutes that the other end is gone. A statement may run for hours without a byte on the
 * wire, so a read timeout would kill honest work; the system's own keep-alive waits two hours before its first probe.
 */
public final class KeepAliveSocketFactory extends SocketFactory {

    private static final int IDLE_SECONDS = 60;
    private static final int INTERVAL_SECONDS = 10;
    private static final int PROBES = 6;

    /** Made by the driver by name, and found again by the label that it gives its maker. */
    private static final Map<String, KeepAliveSocketFactory> MADE = new ConcurrentHashMap<>();

    private volatile @Nullable TappedSocket newest;

    /** @param label the property {@code socketFactoryArg}, unique to one connection */
    public KeepAliveSocketFactory(String label) {
        MADE.put(label, this);
    }

    /**
     * The socket of the connection that was made with this label, and forgets the label. Of several hosts the one that was
     * connected is the last that was tried.
     */
    static @Nullable TappedSocket claim(String label) {
        KeepAliveSocketFactory factory = MADE.remove(label);
        return factory == null ? null : factory.newest;
    }

    @Override
    public Socket createSocket() throws IOException {
        TappedSocket socket = new TappedSocket();
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
