package io.watchkeeper.systemd;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One message to a Unix datagram socket, which JDK 17 cannot send by itself. Loaded only when there is something to send,
 * because loading native code costs a noticeable part of the start.
 */
final class UnixDatagram {

    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int LONGEST_PATH = 107;

    static {
        Native.register(UnixDatagram.class, "c");
    }

    private UnixDatagram() {}

    /**
     * @param address a path, or {@code @name} for Linux's abstract namespace
     * @throws LastErrorException what errno says, for example when nobody listens there
     */
    static void send(String address, byte[] message) {
        byte[] to = socketAddress(address);
        int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        try {
            sendto(descriptor, message, new NativeLong(message.length), MSG_NOSIGNAL, to, to.length);
        } finally {
            close(descriptor);
        }
    }

    /** A struct sockaddr_un; an abstract name starts with a zero byte and is as long as the structure says. */
    static byte[] socketAddress(String address) {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        if (path.length > LONGEST_PATH) {
            throw new IllegalArgumentException("socket address longer than " + LONGEST_PATH + " bytes: " + address);
        }
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        result.writeBytes(ByteBuffer.allocate(Short.BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort(AF_UNIX)
                .array());
        boolean isAbstract = address.startsWith("@");
        if (isAbstract) {
            path[0] = 0;
        }
        result.writeBytes(path);
        if (!isAbstract) {
            result.write(0);
        }
        return result.toByteArray();
    }

    private static native int socket(int domain, int type, int protocol) throws LastErrorException;

    private static native NativeLong sendto(
            int descriptor, byte[] message, NativeLong length, int flags, byte[] address, int addressLength)
            throws LastErrorException;

    private static native int close(int descriptor) throws LastErrorException;
}
