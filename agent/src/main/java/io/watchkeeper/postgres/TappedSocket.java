package io.watchkeeper.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket to a server, whose incoming bytes pass a {@link CopyTap}, and which shows when it was last heard of. */
final class TappedSocket extends Socket {

    private final LinkTraffic traffic = new LinkTraffic();
    private final @Nullable SocketAddress fixed;
    private @Nullable CopyTap tap;
    private @Nullable OutputStream out;

    /** @param fixed where it leads, whatever the name that is connected to stands for by now; null for what it is told */
    TappedSocket(@Nullable SocketAddress fixed) {
        this.fixed = fixed;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        super.connect(fixed == null ? endpoint : fixed, timeout);
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        if (tap == null) {
            tap = new CopyTap(traffic.in(super.getInputStream()));
        }
        return tap;
    }

    @Override
    public synchronized OutputStream getOutputStream() throws IOException {
        if (out == null) {
            out = traffic.out(super.getOutputStream());
        }
        return out;
    }

    LinkTraffic traffic() {
        return traffic;
    }

    /** Null before the driver has read from it. */
    synchronized @Nullable CopyTap tap() {
        return tap;
    }

    /** Ends it whatever its users do with it now: they get an error. Unlike TLS above it, it says no farewell that could block. */
    void cut() {
        try {
            super.close();
        } catch (IOException e) {
            // Gone already.
        }
    }
}
