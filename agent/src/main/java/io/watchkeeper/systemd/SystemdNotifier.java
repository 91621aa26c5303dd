package io.watchkeeper.systemd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the agent is, by the protocol of sd_notify(3). Without {@code NOTIFY_SOCKET} in the environment every
 * call does nothing. A failed notification is logged, never thrown: the agent is not worse for it, and systemd acts on the
 * missing message by itself.
 */
public final class SystemdNotifier {

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

    private final @Nullable String socket;

    private SystemdNotifier(@Nullable String socket) {
        this.socket = socket;
    }

    public static SystemdNotifier fromEnvironment(Map<String, String> environment) {
        String socket = environment.get("NOTIFY_SOCKET");
        boolean usable = socket != null && (socket.startsWith("/") || socket.startsWith("@"));
        if (socket != null && !usable) {
            LOG.warn(
                    "NOTIFY_SOCKET is '{}', which is neither a path nor an abstract socket; systemd is not notified",
                    socket);
        }
        return new SystemdNotifier(usable ? socket : null);
    }

    /** Whether somebody listens. */
    public boolean isActive() {
        return socket != null;
    }

    /** The start is complete. @param status one line that {@code systemctl status} shows */
    public void ready(String status) {
        send("READY=1\nSTATUS=" + oneLine(status));
    }

    /** @param status one line that {@code systemctl status} shows from now on */
    public void status(String status) {
        send("STATUS=" + oneLine(status));
    }

    /**
     * Something new is being taken over; {@link #ready} says that it is done.
     *
     * @param status as in {@link #status}
     * @param within how long it may take: systemd counts a reload by the limit for a start, and calls a longer one failed
     */
    public void reloading(String status, Duration within) {
        send("RELOADING=1\nSTATUS=" + oneLine(status) + extension(within));
    }

    /** The orderly end has begun. @param within how long it may take, so that systemd does not lose patience before */
    public void stopping(String status, Duration within) {
        send("STOPPING=1\nSTATUS=" + oneLine(status) + extension(within));
    }

    private static String extension(Duration within) {
        return "\nEXTEND_TIMEOUT_USEC=" + within.toNanos() / 1000;
    }

    /** Still alive; {@link Watchdog} calls this. */
    void heartbeat() {
        send("WATCHDOG=1");
    }

    private void send(String message) {
        if (socket == null) {
            return;
        }
        try {
            UnixDatagram.send(socket, message.getBytes(StandardCharsets.UTF_8));
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("systemd could not be notified on {} of {}", socket, message.replace('\n', ' '), e);
        }
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
