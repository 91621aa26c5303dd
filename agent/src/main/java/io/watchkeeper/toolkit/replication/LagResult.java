package io.watchkeeper.toolkit.replication;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicatingServer.Receiver;
import io.watchkeeper.replicas.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How replication of a server stands.
 *
 * @param server as it was found
 * @param replicas by name
 * @param slots by name
 * @param status the worst of all
 * @param notes one line for each thing that is not as it should be, the worst first
 * @param failure to be thrown when something is over its limit; null when nothing is
 */
public record LagResult(
        ReplicatingServer server,
        List<ReplicaLag> replicas,
        List<SlotKeep> slots,
        Verdict status,
        List<String> notes,
        @Nullable OperatorException failure) {

    public LagResult {
        replicas = List.copyOf(replicas);
        slots = List.copyOf(slots);
        notes = List.copyOf(notes);
    }

    /** Of the replica furthest behind, of those whose lag is known; 0 without any. */
    public double seconds() {
        return replicas.stream()
                .mapToDouble(ReplicaLag::seconds)
                .filter(s -> s >= 0)
                .max()
                .orElse(0);
    }

    /** Until slots will have filled the disk; null when that is not in sight. */
    public @Nullable Double secondsToFull() {
        return server.secondsToFull();
    }

    /** Queries cancelled because of replay, by kind, on a standby. */
    public Map<String, Long> conflicts() {
        return server.conflicts();
    }

    /** On a standby: how it gets its log. */
    public @Nullable Receiver receiver() {
        return server.receiver();
    }

    public Optional<ReplicaLag> replica(String name) {
        return replicas.stream().filter(replica -> replica.name().equals(name)).findFirst();
    }

    /** To be thrown after the result is recorded. */
    public Optional<OperatorException> problem() {
        return Optional.ofNullable(failure);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", server.database());
        fields.put("status", status.wireName());
        fields.put("at", server.at().toString());
        fields.put("role", server.standby() ? "standby" : "primary");
        fields.put("position", server.position());
        fields.put("replicas", replicas.stream().map(ReplicaLag::fields).toList());
        fields.put("slots", slots.stream().map(SlotKeep::fields).toList());
        if (server.walBytes() >= 0) {
            fields.put("walBytes", server.walBytes());
        }
        if (server.secondsToFull() != null) {
            fields.put("secondsToFull", Math.round(server.secondsToFull()));
        }
        Receiver receiver = server.receiver();
        if (receiver != null) {
            Map<String, Object> end = new LinkedHashMap<>();
            end.put("status", receiver.status());
            end.put("from", receiver.from());
            end.put("behindBytes", receiver.behindBytes());
            if (receiver.behindSeconds() >= 0) {
                end.put("behindSeconds", receiver.behindSeconds());
            }
            end.put("paused", receiver.paused());
            fields.put("receiver", end);
        }
        if (server.standby()) {
            fields.put("conflicts", server.conflicts());
        }
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
