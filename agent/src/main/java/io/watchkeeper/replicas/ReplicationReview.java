package io.watchkeeper.replicas;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Judges replication, the same way for the page, the API and the doctor. */
public final class ReplicationReview {

    /** A slot that nobody reads may keep this much without being talked about. */
    private static final long MUCH_LOG = Bytes.gigabytes(1).count();

    private static final double FULL_SOON = Duration.ofHours(24).toSeconds();
    private static final double FULL_NOW = Duration.ofHours(2).toSeconds();

    private final List<ReplicatingServer> servers;
    private final ReplicationLimits limits;
    private final List<ReplicationConcern> concerns = new ArrayList<>();

    private ReplicationReview(List<ReplicatingServer> servers, ReplicationLimits limits) {
        this.servers = servers;
        this.limits = limits;
    }

    /** What somebody should look at, urgent things first. */
    public static List<ReplicationConcern> concerns(List<ReplicatingServer> servers, ReplicationLimits limits) {
        ReplicationReview review = new ReplicationReview(servers, limits);
        servers.forEach(review::examine);
        review.concerns.sort(Comparator.comparing(concern -> !concern.urgent()));
        return List.copyOf(review.concerns);
    }

    /**
     * How a replica is judged. A subscriber that is away is never an alert: ships are at sea for days, and what their slots keep is
     * judged by itself.
     */
    public static Verdict of(Replica replica, ReplicationLimits limits) {
        Verdict verdict = limits.judge(replica.seconds());
        boolean mayBeAtSea = replica.kind() == Replica.Kind.LOGICAL && !replica.isConnected();
        return mayBeAtSea && verdict == Verdict.ALERT ? Verdict.WARN : verdict;
    }

    /** Whether the server answers: what is known of one that does not may be true no more. */
    public static Verdict reach(ReplicatingServer server) {
        return server.problem() == null ? Verdict.OK : Verdict.WARN;
    }

    /** How a slot is judged. */
    public static Verdict of(ReplicationSlot slot) {
        return switch (slot.walStatus()) {
            case "lost", "unreserved" -> Verdict.ALERT;
            default -> isLeft(slot) ? Verdict.WARN : Verdict.OK;
        };
    }

    /** How a standby's own receiving is judged, by what it says itself. */
    public static Verdict receiving(ReplicatingServer server, ReplicationLimits limits) {
        if (!server.standby()) {
            return Verdict.OK;
        }
        ReplicatingServer.Receiver receiver = server.receiver();
        if (receiver == null) {
            return Verdict.WARN;
        }
        Verdict behind = receiver.behindBytes() > 0 ? limits.judge(receiver.behindSeconds()) : Verdict.OK;
        return receiver.paused() ? behind.worse(Verdict.WARN) : behind;
    }

    /** How the disk that the slots keep log on is judged. */
    public static Verdict disk(ReplicatingServer server) {
        Double seconds = server.secondsToFull();
        if (seconds == null || seconds > FULL_SOON) {
            return Verdict.OK;
        }
        return seconds <= FULL_NOW ? Verdict.ALERT : Verdict.WARN;
    }

    /** A duration as the surfaces say it: to the second, from ten seconds on. */
    public static String say(double seconds) {
        return seconds <= 0 ? "0 s" : DurationText.say(Duration.ofMillis(Math.round(seconds * 1_000)));
    }

    /** Whether nobody reads it, it keeps much, and nothing ends that. */
    private static boolean isLeft(ReplicationSlot slot) {
        return !slot.active() && slot.safeBytes() < 0 && slot.retainedBytes() >= MUCH_LOG;
    }

    private void examine(ReplicatingServer server) {
        for (Replica replica : server.replicas()) {
            add(
                    replica.isConnected() ? ReplicationConcern.Kind.LAG : ReplicationConcern.Kind.AWAY,
                    of(replica, limits),
                    server,
                    replica.name(),
                    say(replica.seconds()));
        }
        server.slots().forEach(slot -> examine(server, slot));
        add(
                ReplicationConcern.Kind.DISK_FILLING,
                disk(server),
                server,
                "",
                server.secondsToFull() == null ? "" : say(server.secondsToFull()));
        receiver(server);
    }

    private void examine(ReplicatingServer server, ReplicationSlot slot) {
        ReplicationConcern.Kind kind = switch (slot.walStatus()) {
            case "lost" -> ReplicationConcern.Kind.LOST_SLOT;
            case "unreserved" -> ReplicationConcern.Kind.SLOT_IN_DANGER;
            default -> ReplicationConcern.Kind.SLOT_WITHOUT_LIMIT;
        };
        add(kind, of(slot), server, slot.name(), Bytes.of(slot.retainedBytes()).toString());
    }

    /** What its primary says of it already is not said twice. */
    private void receiver(ReplicatingServer server) {
        Verdict verdict = receiving(server, limits);
        ReplicatingServer.Receiver receiver = server.receiver();
        if (receiver != null && receiver.paused()) {
            // Why is worth saying beside how far.
            add(ReplicationConcern.Kind.PAUSED_REPLAY, Verdict.WARN, server, "", say(receiver.behindSeconds()));
        } else if (!isToldOfByItsPrimary(server.database())) {
            ReplicationConcern.Kind kind =
                    receiver == null ? ReplicationConcern.Kind.NO_RECEIVER : ReplicationConcern.Kind.BEHIND;
            add(kind, verdict, server, "", receiver == null ? "" : say(receiver.behindSeconds()));
        }
    }

    private boolean isToldOfByItsPrimary(String standby) {
        return servers.stream()
                .flatMap(server -> server.replica(standby).stream())
                .anyMatch(replica -> of(replica, limits) != Verdict.OK);
    }

    private void add(
            ReplicationConcern.Kind kind, Verdict verdict, ReplicatingServer server, String subject, String detail) {
        if (verdict != Verdict.OK) {
            concerns.add(new ReplicationConcern(kind, verdict, server.database(), subject, detail));
        }
    }
}
