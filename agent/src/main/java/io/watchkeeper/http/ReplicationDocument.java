package io.watchkeeper.http;

import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.LagSample;
import io.watchkeeper.replicas.LagSeries;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationConcern;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.replicas.Verdict;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replication as {@code GET /v1/replication} and {@code watchkeeper replication --json} show it. What is not known is null. */
public final class ReplicationDocument {

    /** Samples of each replica in the document; more of them are thinned out, peaks kept. */
    private static final int MOST_SAMPLES = 360;

    private final ReplicationBoard board;
    private final ReplicationLimits limits;
    private final Instant now;

    private ReplicationDocument(ReplicationBoard board, ReplicationLimits limits, Instant now) {
        this.board = board;
        this.limits = limits;
        this.now = now;
    }

    /** @param database null for all */
    public static Map<String, Object> of(
            ReplicationBoard board, ReplicationLimits limits, Instant now, @Nullable String database) {
        return new ReplicationDocument(board, limits, now).whole(database);
    }

    private Map<String, Object> whole(@Nullable String database) {
        List<ReplicatingServer> servers = board.servers().stream()
                .filter(server -> database == null || server.database().equals(database))
                .toList();
        List<ReplicationConcern> concerns = ReplicationReview.concerns(board.servers(), limits).stream()
                .filter(concern -> database == null || concern.database().equals(database))
                .toList();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "status",
                concerns.stream()
                        .map(ReplicationConcern::verdict)
                        .reduce(Verdict.OK, Verdict::worse)
                        .wireName());
        document.put("warnAfterSeconds", limits.warnAfter().toMillis() / 1e3);
        document.put("alertAfterSeconds", limits.alertAfter().toMillis() / 1e3);
        document.put("servers", servers.stream().map(this::server).toList());
        document.put(
                "concerns", concerns.stream().map(ReplicationDocument::concern).toList());
        document.put(
                "events",
                board.events().stream()
                        .filter(event -> database == null || event.database().equals(database))
                        .map(ReplicationDocument::event)
                        .toList());
        return document;
    }

    private Map<String, Object> server(ReplicatingServer server) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", server.database());
        document.put("at", server.at().toString());
        document.put("role", server.standby() ? "standby" : "primary");
        document.put("position", server.position());
        document.put("walBytes", known(server.walBytes()));
        document.put("secondsToFull", server.secondsToFull());
        document.put("problem", server.problem());
        document.put("receiver", receiver(server.receiver()));
        document.put("conflicts", server.conflicts());
        document.put(
                "replicas",
                server.replicas().stream()
                        .map(replica -> replica(server, replica))
                        .toList());
        document.put(
                "slots", server.slots().stream().map(slot -> slot(server, slot)).toList());
        return document;
    }

    private static @Nullable Map<String, Object> receiver(ReplicatingServer.@Nullable Receiver receiver) {
        if (receiver == null) {
            return null;
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("status", receiver.status());
        document.put("from", receiver.from());
        document.put("behindSeconds", known(receiver.behindSeconds()));
        document.put("behindBytes", known(receiver.behindBytes()));
        document.put("paused", receiver.paused());
        return document;
    }

    private Map<String, Object> replica(ReplicatingServer server, Replica replica) {
        Map<String, Object> document = standing(replica, limits);
        List<LagSample> samples = board.samples(server.database(), replica.name());
        document.put(
                "samples",
                LagSeries.thin(samples, now.minus(ReplicationBoard.KEPT), now, MOST_SAMPLES).stream()
                        .map(ReplicationDocument::sample)
                        .toList());
        return document;
    }

    /** A replica without its past. */
    static Map<String, Object> standing(Replica replica, ReplicationLimits limits) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", replica.name());
        document.put("kind", wire(replica.kind()));
        document.put("connection", replica.connection());
        document.put("syncState", replica.syncState());
        document.put("slot", replica.slot());
        document.put("address", replica.address());
        document.put("lagSeconds", known(replica.seconds()));
        document.put("lagBytes", stages(replica.bytes()));
        document.put("seenAt", replica.seenAt().toString());
        document.put("status", ReplicationReview.of(replica, limits).wireName());
        return document;
    }

    /** By stage. */
    static Map<String, Object> stages(LagBytes bytes) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("sent", known(bytes.sent()));
        document.put("write", known(bytes.write()));
        document.put("flush", known(bytes.flush()));
        document.put("replay", known(bytes.replay()));
        return document;
    }

    private static Map<String, Object> sample(LagSample sample) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("at", sample.at().toString());
        document.put("seconds", known(sample.seconds()));
        document.put("bytes", known(sample.bytes()));
        return document;
    }

    static Map<String, Object> slot(ReplicatingServer server, ReplicationSlot slot) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", server.database());
        document.put("slot", slot.name());
        document.put("kind", wire(slot.kind()));
        document.put("standby", slot.replica());
        document.put("active", slot.active());
        document.put(
                "inactiveSince",
                slot.inactiveSince() == null ? null : slot.inactiveSince().toString());
        document.put("retainedBytes", slot.retainedBytes());
        document.put("walStatus", slot.walStatus());
        document.put("safeBytes", known(slot.safeBytes()));
        document.put("status", ReplicationReview.of(slot).wireName());
        return document;
    }

    private static Map<String, Object> concern(ReplicationConcern concern) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("kind", concern.kind().wireName());
        document.put("status", concern.verdict().wireName());
        document.put("database", concern.database());
        document.put("subject", concern.subject());
        document.put("message", concern.message());
        document.put("hint", concern.hint());
        return document;
    }

    private static Map<String, Object> event(RemedyEvent event) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("at", event.at().toString());
        document.put("database", event.database());
        document.put("standby", event.replica());
        document.put("kind", event.kind().wireName());
        document.put("text", event.text());
        return document;
    }

    static String wire(Replica.Kind kind) {
        return kind == Replica.Kind.LOGICAL ? "logical" : "physical";
    }

    static @Nullable Long known(long bytes) {
        return bytes < 0 ? null : Long.valueOf(bytes);
    }

    /** To the millisecond. */
    static @Nullable Double known(double seconds) {
        return seconds < 0 ? null : Double.valueOf(Math.round(seconds * 1_000) / 1e3);
    }
}
