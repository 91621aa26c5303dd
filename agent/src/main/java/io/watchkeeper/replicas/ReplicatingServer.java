package io.watchkeeper.replicas;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One server as it was found at one look: who gets its log, and what it keeps for them.
 *
 * @param database as configured
 * @param at when it was looked at
 * @param standby whether it is a standby itself
 * @param position of its log, written or received, as PostgreSQL writes positions
 * @param replicas connected ones and known ones that are away, by name
 * @param slots by name
 * @param walBytes that its log takes on disk; negative when the role may not see it
 * @param secondsToFull until slots will have filled the disk at the present rate; null when that is not in sight, or not known
 * @param receiver how it gets its own log, on a standby; null on a primary, and on a standby that nobody sends to
 * @param conflicts queries cancelled because replay needed their rows or locks, by kind ({@code snapshot}, {@code lock}, …), on a standby;
 *     as the server has counted them
 * @param problem why it could not be looked at; then the rest is as it was before, but for lag that is not known to have ended: it grows
 */
public record ReplicatingServer(
        String database,
        Instant at,
        boolean standby,
        String position,
        List<Replica> replicas,
        List<ReplicationSlot> slots,
        long walBytes,
        @Nullable Double secondsToFull,
        @Nullable Receiver receiver,
        Map<String, Long> conflicts,
        @Nullable String problem) {

    /**
     * @param status as pg_stat_wal_receiver has it
     * @param from host and port; empty when the role may not see it
     * @param behindBytes received and not replayed yet
     * @param behindSeconds since what it replayed last was committed, 0 when it has replayed everything it received; negative when
     *     nothing was replayed yet
     * @param paused whether somebody has paused replay
     */
    public record Receiver(String status, String from, long behindBytes, double behindSeconds, boolean paused) {}

    public ReplicatingServer {
        replicas = List.copyOf(replicas);
        slots = List.copyOf(slots);
        conflicts = Map.copyOf(conflicts);
    }

    public Optional<Replica> replica(String name) {
        return replicas.stream().filter(r -> r.name().equals(name)).findFirst();
    }

    /** The same with other replicas. */
    public ReplicatingServer withReplicas(List<Replica> others) {
        return new ReplicatingServer(
                database, at, standby, position, others, slots, walBytes, secondsToFull, receiver, conflicts, problem);
    }

    /** The same when it could not be looked at. */
    public ReplicatingServer withProblem(Instant now, String why) {
        return new ReplicatingServer(
                database, now, standby, position, replicas, slots, walBytes, secondsToFull, receiver, conflicts, why);
    }
}
