package io.watchkeeper.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** A socket to a server, whose incoming bytes pass a {@link CopyTap}. */
final class TappedSocket extends Socket {

    private @Nullable CopyTap tap;

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        if (tap == null) {
            tap = new CopyTap(super.getInputStream());
        }
        return tap;
    }

    /** Null before the driver has read from it. */
    synchronized @Nullable CopyTap tap() {
        return tap;
    }
}
