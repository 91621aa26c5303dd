package io.watchkeeper.toolkit.copy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is left of a set of tables, for the threads that copy them: largest first, so that no long one comes last. */
final class CopyQueue {

    private final List<CopyGroup> groups;

    /** @param groups in the order of the results */
    CopyQueue(List<CopyGroup> groups) {
        this.groups = List.copyOf(groups);
    }

    /** The group to work on next: one that nobody is in, else one that has room for another thread; null when there is none. */
    synchronized @Nullable CopyGroup next() {
        CopyGroup best = null;
        for (CopyGroup group : groups) {
            if (group.isOpen() && (best == null || isBetter(group, best))) {
                best = group;
            }
        }
        if (best != null) {
            best.enter();
        }
        return best;
    }

    private static boolean isBetter(CopyGroup group, CopyGroup best) {
        return group.isEntered() == best.isEntered() ? group.waitingBytes() > best.waitingBytes() : !group.isEntered();
    }

    boolean hasWork() {
        return groups.stream().anyMatch(CopyGroup::isOpen);
    }
}
