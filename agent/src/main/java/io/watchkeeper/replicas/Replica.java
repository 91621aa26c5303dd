package io.watchkeeper.replicas;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One that gets the log of a server: a standby, or a subscriber.
 *
 * @param name the configured database's where it is known ({@code standbyOf}), else its application_name, else its slot's, else its
 *     address; one server has each name once
 * @param connection {@code streaming}, {@code catchup}, {@code startup}, {@code stopping}, or {@code disconnected}
 * @param syncState {@code async}, {@code sync}, {@code quorum}, {@code potential}; empty while it is disconnected
 * @param slot whose log it reads; null without one
 * @param address of the client; null for a local socket, or when it is not known
 * @param bytes how far it is behind
 * @param seconds how far it is behind in time; 0 when it has everything; negative when nobody knows
 * @param seenAt when it was last connected; now while it is
 */
public record Replica(
        String name,
        Kind kind,
        String connection,
        String syncState,
        @Nullable String slot,
        @Nullable String address,
        LagBytes bytes,
        double seconds,
        Instant seenAt) {

    public static final String DISCONNECTED = "disconnected";

    /** Whether it replays pages or changes of rows. */
    public enum Kind {
        PHYSICAL,
        LOGICAL
    }

    public boolean isConnected() {
        return !connection.equals(DISCONNECTED);
    }

    /** The same, so far behind in time. */
    public Replica withSeconds(double other) {
        return new Replica(name, kind, connection, syncState, slot, address, bytes, other, seenAt);
    }
}
