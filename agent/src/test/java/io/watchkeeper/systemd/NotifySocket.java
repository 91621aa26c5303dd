package io.watchkeeper.systemd;

import static org.awaitility.Awaitility.await;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The listening end of NOTIFY_SOCKET, as systemd holds it. */
public final class NotifySocket implements AutoCloseable {

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int MSG_DONTWAIT = 0x40;

    static {
        Native.register(NotifySocket.class, "c");
    }

    private final String address;
    private final int descriptor;

    public NotifySocket(String address) {
        this.address = address;
        this.descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
        byte[] name = UnixDatagram.socketAddress(address);
        bind(descriptor, name, name.length);
    }

    public Map<String, String> environment() {
        return Map.of("NOTIFY_SOCKET", address);
    }

    /** The next message; fails when none comes. */
    String next() {
        return await().atMost(Duration.ofSeconds(10))
                .until(this::poll, Optional::isPresent)
                .orElseThrow();
    }

    /** The next message that is there already. */
    public Optional<String> poll() {
        byte[] buffer = new byte[4096];
        try {
            int length = recv(descriptor, buffer, new NativeLong(buffer.length), MSG_DONTWAIT)
                    .intValue();
            return Optional.of(new String(buffer, 0, length, StandardCharsets.UTF_8));
        } catch (LastErrorException nothingThere) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        close(descriptor);
    }

    private static native int socket(int domain, int type, int protocol) throws LastErrorException;

    private static native int bind(int descriptor, byte[] address, int length) throws LastErrorException;

    private static native NativeLong recv(int descriptor, byte[] buffer, NativeLong length, int flags)
            throws LastErrorException;

    private static native int close(int descriptor) throws LastErrorException;
}
