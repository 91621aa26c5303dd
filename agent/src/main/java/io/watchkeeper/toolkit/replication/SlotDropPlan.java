package io.watchkeeper.toolkit.replication;

import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which slots are dropped: those that nobody has read for a time and that keep more than so much.
 *
 * @param keep slots that are never dropped
 * @param budgets what slots may keep whose reader is away for days, the first that fits counts
 */
public record SlotDropPlan(Duration inactiveFor, Bytes retaining, List<NameGlob> keep, List<Budget> budgets) {

    /** How much log slots of these names may keep. */
    public record Budget(NameGlob slots, Bytes most) {}

    public SlotDropPlan {
        keep = List.copyOf(keep);
        budgets = List.copyOf(budgets);
    }

    boolean isKept(String slot) {
        return keep.stream().anyMatch(glob -> glob.matches(slot));
    }

    Optional<Bytes> budgetOf(String slot) {
        return budgets.stream()
                .filter(budget -> budget.slots().matches(slot))
                .map(Budget::most)
                .findFirst();
    }
}
