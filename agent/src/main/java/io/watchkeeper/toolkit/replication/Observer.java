package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.toolkit.replication.ServerLook.Sender;
import io.watchkeeper.toolkit.replication.ServerLook.Slot;
import io.watchkeeper.toolkit.replication.ServerSeen.ReplicaSeen;
import io.watchkeeper.toolkit.replication.ServerSeen.SlotSeen;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Adds one look at a server to what was seen of it before. */
record Observer(ServerLook look, ReplicaNames names, ReplicaNames.Named named, Instant now) {

    /** A replica that has neither a slot nor a place in the configuration is given up so long after it was seen. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    /** @param walBytes when they were looked at, too */
    ServerSeen next(ServerSeen old, @Nullable Long walBytes) {
        boolean sameServer = old.system().isEmpty() || old.system().equals(look.system());
        ServerSeen before = sameServer ? old : ServerSeen.NOTHING;
        int timeline = look.timeline() == 0 ? before.timeline() : look.timeline();
        Map<String, SlotSeen> slots = slots(before);
        return new ServerSeen(
                look.system(),
                timeline,
                look.identity(),
                before.clock().with(now, look.position()),
                replicas(before, slots, timeline),
                slots,
                look.subscriptions(),
                walBytes == null ? before.walBytes() : walBytes,
                walBytes == null ? before.walBytesAt() : now);
    }

    private Map<String, SlotSeen> slots(ServerSeen before) {
        Set<String> archived = look.senders().stream()
                .filter(Sender::isArchive)
                .map(Sender::slot)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        Map<String, SlotSeen> slots = new TreeMap<>();
        for (Slot slot : look.slots()) {
            if (!slot.temporary()) {
                slots.put(
                        slot.name(),
                        SlotSeen.of(
                                slot,
                                retained(slot, look.position()),
                                archived.contains(slot.name()),
                                before.slots().get(slot.name()),
                                now));
            }
        }
        return slots;
    }

    static long retained(Slot slot, Lsn position) {
        return slot.restart() == null ? 0 : Math.max(0, position.minus(slot.restart()));
    }

    private Map<String, ReplicaSeen> replicas(ServerSeen before, Map<String, SlotSeen> slots, int timeline) {
        Map<String, ReplicaSeen> replicas = new TreeMap<>();
        before.replicas().forEach((name, replica) -> {
            if (isRemembered(name, replica, slots, timeline)) {
                replicas.put(name, replica);
            }
        });
        // By its slot it may have had another name before it was known whose it is.
        Set<String> readSlots = named.names().keySet().stream()
                .map(Sender::slot)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        replicas.values().removeIf(replica -> replica.slot() != null && readSlots.contains(replica.slot()));
        named.names()
                .forEach((sender, name) ->
                        replicas.put(name, connected(sender, before.replicas().get(name), timeline)));
        for (Slot slot : look.slots()) {
            SlotSeen seen = slots.get(slot.name());
            if (seen != null
                    && isUnread(slot, seen)
                    && replicas.values().stream().noneMatch(r -> slot.name().equals(r.slot()))) {
                addReaderOf(slot, seen, replicas, timeline);
            }
        }
        if (everySenderIsKnown()) {
            for (DatabaseSettings standby : names.standbys()) {
                replicas.putIfAbsent(
                        standby.name(),
                        new ReplicaSeen(false, false, null, null, null, null, null, null, now, timeline));
            }
        }
        return replicas;
    }

    private boolean isRemembered(String name, ReplicaSeen replica, Map<String, SlotSeen> slots, int timeline) {
        boolean configured =
                names.standbys().stream().anyMatch(standby -> standby.name().equals(name));
        boolean young = replica.seenAt().plus(REMEMBERED).isAfter(now);
        if (configured || replica.slot() == null) {
            return configured || young;
        }
        // A slot that is gone was dropped by somebody who knew; on a new timeline it may just not have come along.
        return slots.containsKey(replica.slot()) || (replica.timeline() != timeline && young);
    }

    private ReplicaSeen connected(Sender sender, @Nullable ReplicaSeen before, int timeline) {
        if (sender.replay() == null && before != null) {
            // It has just connected and said nothing of itself yet.
            return new ReplicaSeen(
                    sender.logical(),
                    true,
                    sender.slot(),
                    sender.address(),
                    before.sent(),
                    before.write(),
                    before.flush(),
                    before.replay(),
                    now,
                    timeline);
        }
        return new ReplicaSeen(
                sender.logical(),
                true,
                sender.slot(),
                sender.address(),
                sender.sent(),
                sender.write(),
                sender.flush(),
                sender.replay(),
                now,
                timeline);
    }

    /** Whether it is some replica's that is away. Slots of this agent's archives are nobody's. */
    private boolean isUnread(Slot slot, SlotSeen seen) {
        boolean archive = seen.archive()
                || (slot.name().startsWith(ReplicaNames.slotOf(""))
                        && names.ownerOf(slot.name()).isEmpty());
        return !slot.active() && !archive && slot.restart() != null;
    }

    private void addReaderOf(Slot slot, SlotSeen seen, Map<String, ReplicaSeen> replicas, int timeline) {
        Optional<String> owner = names.ownerOf(slot.name());
        String name = owner.orElse(slot.name());
        ReplicaSeen known = replicas.get(name);
        if (known != null && (owner.isEmpty() || known.seenAt().equals(now))) {
            return;
        }
        Lsn place = slot.logical() ? slot.confirmed() : slot.restart();
        Instant since = seen.inactiveSince() == null ? now : seen.inactiveSince();
        Instant seenAt = known != null && known.seenAt().isBefore(since) ? known.seenAt() : since;
        replicas.put(
                name,
                new ReplicaSeen(slot.logical(), true, slot.name(), null, place, place, place, place, seenAt, timeline));
    }

    private boolean everySenderIsKnown() {
        return named.names().keySet().stream()
                .allMatch(sender -> sender.logical() || named.configured().contains(sender));
    }
}
