package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Lsn;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the agent wrote down of a subscription, in the target's database, before it did anything about it.
 *
 * @param name of the subscription
 * @param slot on the source
 * @param source its name in the configuration
 * @param system the source cluster's identifier
 * @param publication of the source
 * @param reason why the agent itself stopped it; null when it did not
 * @param slotSince the moment the agent reset the slot's statistics: a slot that was dropped and made again has none. Null when it
 *     could not
 * @param statisticsSince since when the source has statistics at all: a crash takes them, and {@code slotSince} with them
 * @param confirmed how far the slot was when it was last looked at
 * @param errors of applying, counted by the target, when it was last looked at
 * @param subscriptionId the catalogue's; 0 before there is one. Slots of tables being copied are named by it
 */
record StreamRecord(
        String name,
        String slot,
        String source,
        String system,
        String publication,
        Phase phase,
        @Nullable String reason,
        @Nullable String slotSince,
        @Nullable String statisticsSince,
        @Nullable Lsn confirmed,
        long errors,
        long subscriptionId) {

    /** How far a subscription's making or ending is. */
    enum Phase {
        /** There may be a slot, and there is no subscription: whoever finds this without an owner drops the slot. */
        PREPARING,
        /** There is a subscription. */
        STREAMING,
        /** The agent stopped the subscription, and starts it again when the reason is gone. */
        HALTED,
        /** The subscription is gone, and there may still be a slot. */
        ENDED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether there may be a slot that nobody will ever read. */
    boolean leavesSlot() {
        return phase == Phase.PREPARING || phase == Phase.ENDED;
    }
}
