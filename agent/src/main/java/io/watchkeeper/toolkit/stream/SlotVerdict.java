package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Lsn;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a slot still is the one the subscription was made with, and still has all the log it needs.
 *
 * <p>A slot that was dropped and made again under its name streams on without an error and without what was committed in between.
 * Nothing in the catalogue tells the two apart; but the statistics of a slot go with it, so the agent resets them once, and a slot
 * whose statistics were never reset is another one.
 *
 * @param broken why the stream cannot go on; null when it can
 * @param trusted up to where the target certainly has everything, as far as the slot is to be believed; null for nothing
 */
record SlotVerdict(@Nullable String broken, @Nullable Lsn trusted) {

    static SlotVerdict of(
            StreamRecord record, Optional<SlotState> found, String sourceSystem, SubscriptionState subscription) {
        Lsn progress = subscription.progress();
        // What a slot let through that may not be ours proves nothing: only what was seen of ours does.
        Lsn seen = earlier(progress, record.confirmed());
        if (!sourceSystem.equals(record.system())) {
            return new SlotVerdict("'" + record.source() + "' is another cluster now", seen);
        }
        if (found.isEmpty()) {
            return new SlotVerdict("slot " + record.slot() + " is not there any more", seen);
        }
        SlotState slot = found.get();
        if (!slot.plugin().equals(SlotState.PLUGIN) || !slot.here()) {
            return new SlotVerdict("slot " + record.slot() + " was made again for another plugin or database", seen);
        }
        boolean sameStatistics = slot.statisticsSince().equals(record.statisticsSince());
        boolean proven = record.slotSince() != null && record.slotSince().equals(slot.since());
        if (!proven && record.slotSince() != null && sameStatistics && slot.since() == null) {
            return new SlotVerdict("slot " + record.slot() + " was dropped and made again", seen);
        }
        if (slot.isLost()) {
            return new SlotVerdict(
                    "slot " + record.slot() + " has lost log it needs (more than max_slot_wal_keep_size)",
                    proven ? progress : seen);
        }
        if (!proven && isAhead(slot, record, progress)) {
            return new SlotVerdict(
                    "slot " + record.slot() + " stands at " + slot.confirmed()
                            + ", beyond what the subscription has: it was dropped and made again",
                    seen);
        }
        if (isBehind(slot.confirmed(), record.confirmed())) {
            return new SlotVerdict("'" + record.source() + "' was set back to an earlier state", seen);
        }
        return new SlotVerdict(null, later(progress, slot.confirmed()));
    }

    /** A slot moves on by what its reader confirms, and nobody reads this one. */
    private static boolean isAhead(SlotState slot, StreamRecord record, @Nullable Lsn progress) {
        Lsn known = later(progress, record.confirmed());
        boolean looked = record.statisticsSince() != null;
        return looked && !slot.active() && known != null && isBehind(known, slot.confirmed());
    }

    private static boolean isBehind(@Nullable Lsn one, @Nullable Lsn other) {
        return one != null && other != null && one.compareTo(other) < 0;
    }

    private static @Nullable Lsn later(@Nullable Lsn a, @Nullable Lsn b) {
        return a == null || isBehind(a, b) ? b : a;
    }

    private static @Nullable Lsn earlier(@Nullable Lsn a, @Nullable Lsn b) {
        return a == null || b == null ? null : isBehind(a, b) ? a : b;
    }
}
