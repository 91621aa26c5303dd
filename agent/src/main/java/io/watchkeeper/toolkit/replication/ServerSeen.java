package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.toolkit.replication.ServerLook.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What has been seen of a server up to now, as it stands in the observations on disk: when its log reached which position, which
 * replicas there were, and since when slots are not read.
 *
 * @param system the cluster's identifier; what was seen of another one does not count
 * @param identity how the server calls itself as a standby; null on a primary
 * @param replicas by name
 * @param slots by name
 * @param subscriptions the slots that subscriptions of this database read
 * @param walBytes at that time; negative when nobody could see it
 */
record ServerSeen(
        String system,
        int timeline,
        @Nullable Identity identity,
        LsnClock clock,
        Map<String, ReplicaSeen> replicas,
        Map<String, SlotSeen> slots,
        Set<String> subscriptions,
        long walBytes,
        @Nullable Instant walBytesAt) {

    static final ServerSeen NOTHING =
            new ServerSeen("", 0, null, LsnClock.EMPTY, Map.of(), Map.of(), Set.of(), -1, null);

    /**
     * A replica when it was last connected. Positions are null where it had told none.
     *
     * @param everConnected false for one that is configured and has not been seen: {@code seenAt} is when it was first missed then
     */
    record ReplicaSeen(
            boolean logical,
            boolean everConnected,
            @Nullable String slot,
            @Nullable String address,
            @Nullable Lsn sent,
            @Nullable Lsn write,
            @Nullable Lsn flush,
            @Nullable Lsn replay,
            Instant seenAt,
            int timeline) {

        private static ReplicaSeen later(ReplicaSeen one, ReplicaSeen other) {
            return one.seenAt.isAfter(other.seenAt) ? one : other;
        }
    }

    /**
     * A slot, as of the last look.
     *
     * @param place restart and confirmed position in one text: when it changes, somebody has read the slot meanwhile
     * @param inactiveSince null while it is read
     * @param archive whether what last read it only kept the log, as pg_receivewal does
     * @param recent what it kept at a time within the last minutes
     * @param earlier what it kept some minutes before that; null before there is one
     */
    record SlotSeen(
            String place,
            @Nullable Instant inactiveSince,
            boolean archive,
            Instant lookedAt,
            Kept recent,
            @Nullable Kept earlier) {

        private static final Duration APART = Duration.ofMinutes(2);
        private static final Duration LEAST = Duration.ofSeconds(5);

        /** How much log a slot kept at a time. */
        record Kept(Instant at, long bytes) {}

        static SlotSeen of(
                ServerLook.Slot slot, long retained, boolean archive, @Nullable SlotSeen before, Instant now) {
            String place = slot.restart() + " " + slot.confirmed();
            Kept kept = new Kept(now, retained);
            return new SlotSeen(
                    place,
                    inactiveSince(slot, place, before, now),
                    archive || (before != null && before.archive && !slot.active()),
                    now,
                    before == null || isOld(before.recent, now) ? kept : before.recent,
                    before == null || !isOld(before.recent, now)
                            ? (before == null ? null : before.earlier)
                            : before.recent);
        }

        private static boolean isOld(Kept kept, Instant now) {
            return Duration.between(kept.at, now).compareTo(APART) > 0;
        }

        private static @Nullable Instant inactiveSince(
                ServerLook.Slot slot, String place, @Nullable SlotSeen before, Instant now) {
            if (slot.active()) {
                return null;
            }
            if (slot.inactiveSince() != null) {
                return slot.inactiveSince();
            }
            if (before == null || before.inactiveSince == null) {
                return now;
            }
            return before.place.equals(place) ? before.inactiveSince : now;
        }

        /** By how many bytes a second what it keeps grows, over some minutes; 0 where that is not known yet, or where it shrinks. */
        double growth(long retained, Instant now) {
            Kept since = earlier == null ? recent : earlier;
            Duration time = Duration.between(since.at, now);
            return time.compareTo(LEAST) < 0 ? 0 : Math.max(0, (retained - since.bytes) * 1000.0 / time.toMillis());
        }

        private static SlotSeen later(SlotSeen one, SlotSeen other) {
            return one.lookedAt.isAfter(other.lookedAt) ? one : other;
        }
    }

    ServerSeen {
        replicas = Map.copyOf(replicas);
        slots = Map.copyOf(slots);
        subscriptions = Set.copyOf(subscriptions);
    }

    /** Whether it was ever looked at. */
    boolean hasLooks() {
        return clock.newest().isPresent();
    }

    /** With what another process has seen of the same name meanwhile. Of two different servers the one that was seen last counts. */
    ServerSeen mergedWith(ServerSeen other) {
        boolean newer =
                clock.newest().orElse(Instant.MIN).isAfter(other.clock.newest().orElse(Instant.MIN));
        ServerSeen last = newer ? this : other;
        if (!system.equals(other.system)) {
            return last;
        }
        ServerSeen first = newer ? other : this;
        boolean sized =
                first.walBytesAt != null && (last.walBytesAt == null || first.walBytesAt.isAfter(last.walBytesAt));
        return new ServerSeen(
                system,
                last.timeline,
                last.identity == null ? first.identity : last.identity,
                clock.mergedWith(other.clock),
                merged(first.replicas, last.replicas, ReplicaSeen::later),
                // A slot that the last look did not find is gone.
                merged(first.slots, last.slots, SlotSeen::later, last.slots),
                last.subscriptions,
                sized ? first.walBytes : last.walBytes,
                sized ? first.walBytesAt : last.walBytesAt);
    }

    private static <T> Map<String, T> merged(Map<String, T> first, Map<String, T> last, BiFunction<T, T, T> later) {
        Map<String, T> all = new TreeMap<>(first);
        last.forEach((name, value) -> all.merge(name, value, later));
        return all;
    }

    private static <T> Map<String, T> merged(
            Map<String, T> first, Map<String, T> last, BiFunction<T, T, T> later, Map<String, T> only) {
        Map<String, T> all = merged(first, last, later);
        all.keySet().retainAll(only.keySet());
        return all;
    }

    /** What must not be lost by the death of this process: who is connected, and since when slots are not read. */
    Object notable() {
        Instant now = clock.newest().orElse(Instant.MIN);
        Map<String, String> all = new TreeMap<>();
        replicas.forEach(
                (name, replica) -> all.put("replica " + name, replica.seenAt.equals(now) + " " + replica.slot));
        slots.forEach((name, slot) -> all.put("slot " + name, slot.inactiveSince + " " + slot.archive));
        return all;
    }
}
