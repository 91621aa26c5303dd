package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.toolkit.replication.ServerLook.Sender;
import io.watchkeeper.toolkit.replication.ServerLook.Slot;
import io.watchkeeper.toolkit.replication.ServerSeen.ReplicaSeen;
import io.watchkeeper.toolkit.replication.ServerSeen.SlotSeen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Works out from a look, and from what was seen before and at it, how far replicas are behind and what slots keep. */
record Figures(ServerLook look, ServerSeen seen, ReplicaNames.Named named, Instant now) {

    /** By name. */
    List<Replica> replicas() {
        Map<String, Sender> senders = new TreeMap<>();
        named.names().forEach((sender, name) -> senders.put(name, sender));
        List<Replica> replicas = new ArrayList<>();
        new TreeMap<>(seen.replicas()).forEach((name, replica) -> {
            Sender sender = senders.get(name);
            replicas.add(sender == null ? away(name, replica) : connected(name, sender, replica));
        });
        return replicas;
    }

    private Replica connected(String name, Sender sender, ReplicaSeen replica) {
        LagBytes bytes = bytes(replica);
        return new Replica(
                name,
                kind(sender.logical()),
                sender.state(),
                sender.sync(),
                sender.slot(),
                sender.address(),
                bytes,
                bytes.replay() == 0 ? 0 : seconds(replica.replay(), sender.lag()),
                now);
    }

    private Replica away(String name, ReplicaSeen replica) {
        // What it has replayed meanwhile nobody knows, so it is at least as old as the last word of it.
        double unseen = between(replica.seenAt());
        double behind = replica.replay() == null || look.position().compareTo(replica.replay()) <= 0
                ? 0
                : seen.clock().wentBeyond(replica.replay()).map(this::between).orElse(0.0);
        return new Replica(
                name,
                kind(replica.logical()),
                Replica.DISCONNECTED,
                "",
                replica.slot(),
                replica.address(),
                bytes(replica),
                Math.max(unseen, behind),
                replica.seenAt());
    }

    /**
     * Since when the log goes on beyond what was replayed. PostgreSQL's own measure is the better one for what is younger than the
     * looks are apart; it says nothing when little is written, and stands still when replay does.
     */
    private double seconds(@Nullable Lsn replayed, @Nullable Double measured) {
        if (replayed == null) {
            return -1;
        }
        LsnClock clock = seen.clock();
        double byLooks = clock.wentBeyond(replayed).map(this::between).orElse(0.0);
        if (clock.isFresh(replayed)) {
            double most = clock.secondNewest().map(this::between).orElse(0.0);
            return measured != null && measured <= most ? measured : byLooks;
        }
        if (clock.covers(replayed)) {
            return byLooks;
        }
        // Older than all looks: at least that, and when they began just now, what the server says.
        return measured == null && byLooks == 0 ? -1 : Math.max(byLooks, measured == null ? 0 : measured);
    }

    private double between(Instant since) {
        return Math.max(0, Duration.between(since, now).toMillis() / 1000.0);
    }

    private LagBytes bytes(ReplicaSeen replica) {
        return new LagBytes(
                behind(replica.sent()), behind(replica.write()), behind(replica.flush()), behind(replica.replay()));
    }

    private long behind(@Nullable Lsn lsn) {
        return lsn == null ? LagBytes.UNKNOWN : Math.max(0, look.position().minus(lsn));
    }

    /** By name, without temporary ones: those go with their connections. */
    List<ReplicationSlot> slots() {
        List<ReplicationSlot> slots = new ArrayList<>();
        for (Slot slot : look.slots()) {
            SlotSeen known = seen.slots().get(slot.name());
            if (!slot.temporary()) {
                slots.add(new ReplicationSlot(
                        slot.name(),
                        kind(slot.logical()),
                        slot.active(),
                        known == null ? null : known.inactiveSince(),
                        Observer.retained(slot, look.position()),
                        slot.walStatus(),
                        slot.safeBytes(),
                        readerOf(slot.name())));
            }
        }
        return slots;
    }

    private @Nullable String readerOf(String slot) {
        return seen.replicas().entrySet().stream()
                .filter(entry -> slot.equals(entry.getValue().slot()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private static Replica.Kind kind(boolean logical) {
        return logical ? Replica.Kind.LOGICAL : Replica.Kind.PHYSICAL;
    }
}
