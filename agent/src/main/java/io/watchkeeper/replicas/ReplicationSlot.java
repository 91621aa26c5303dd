package io.watchkeeper.replicas;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A slot of a server, and the log it keeps there.
 *
 * @param inactiveSince null while somebody reads it; as the server says, else since the agent has seen it so
 * @param retainedBytes of log that only stays because of slots as old as this one
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved}, {@code lost}; empty for a slot that never kept any
 * @param safeBytes of log that may still be written before it is lost; negative when there is no limit
 * @param replica the name of the {@link Replica} it is for; null when nobody knows one
 */
public record ReplicationSlot(
        String name,
        Replica.Kind kind,
        boolean active,
        @Nullable Instant inactiveSince,
        long retainedBytes,
        String walStatus,
        long safeBytes,
        @Nullable String replica) {}
