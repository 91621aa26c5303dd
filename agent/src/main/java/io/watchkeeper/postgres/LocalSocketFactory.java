package io.watchkeeper.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Properties;
import javax.net.SocketFactory;

/**
 * Connects the driver to a server on this host through the file of its socket, which also leads into a network namespace that no
 * address leads into. Made by the driver by name, with the file as {@code socketFactoryArg}.
 */
public final class LocalSocketFactory extends SocketFactory {

    private final Path file;

    /** @param file the socket, for example {@code /run/postgresql/.s.PGSQL.5432}; at most 107 bytes */
    public LocalSocketFactory(String file) {
        this.file = Path.of(file);
    }

    /** The properties of a connection through the socket's file. */
    public static Properties properties(Path file, String user) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("socketFactory", LocalSocketFactory.class.getName());
        properties.setProperty("socketFactoryArg", file.toString());
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        return properties;
    }

    @Override
    public Socket createSocket() throws IOException {
        return new LocalSocket(file);
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

    /** A channel in a socket's clothes: Java has no {@link Socket} for this family. Options of TCP mean nothing here. */
    private static final class LocalSocket extends Socket {

        private final SocketChannel channel;
        private final Path file;

        LocalSocket(Path file) throws IOException {
            this.file = file;
            this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        }

        @Override
        public void connect(SocketAddress ignored, int timeout) throws IOException {
            channel.connect(UnixDomainSocketAddress.of(file));
        }

        @Override
        public void connect(SocketAddress ignored) throws IOException {
            connect(ignored, 0);
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public boolean isClosed() {
            return !channel.isOpen();
        }

        @Override
        public synchronized void close() throws IOException {
            channel.close();
        }

        /** Not the streams of {@code Channels}: there a reader keeps a writer waiting. */
        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    return length == 0 ? 0 : channel.read(ByteBuffer.wrap(into, offset, length));
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int value) throws IOException {
                    write(new byte[] {(byte) value}, 0, 1);
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    ByteBuffer bytes = ByteBuffer.wrap(from, offset, length);
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
            };
        }

        @Override
        public void setTcpNoDelay(boolean on) {}

        @Override
        public void setKeepAlive(boolean on) {}

        @Override
        public void setReceiveBufferSize(int size) {}

        @Override
        public void setSendBufferSize(int size) {}

        @Override
        public int getReceiveBufferSize() {
            return 8192;
        }

        @Override
        public int getSendBufferSize() {
            return 8192;
        }

        /** Reads wait for the server as long as it lives; who gives up closes the connection. */
        @Override
        public void setSoTimeout(int timeout) {}

        @Override
        public int getSoTimeout() throws SocketException {
            return 0;
        }
    }
}
