package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.replication.NameGlob;
import io.watchkeeper.toolkit.replication.SlotDropPlan;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code dropLeakedSlots('shore') { … }} */
@Block(
        name = "dropLeakedSlots",
        value = "Which slots are dropped: those of which both `inactiveFor` and `retaining` are true.",
        needs = {"inactiveFor", "retaining"},
        words = {"inactiveFor", "retaining", "keep", "budget"})
public final class DropLeakedSlotsSpec {

    private @Nullable Duration inactiveFor;
    private @Nullable Bytes retaining;
    private final List<NameGlob> keep = new ArrayList<>();
    private final List<SlotDropPlan.Budget> budgets = new ArrayList<>();

    DropLeakedSlotsSpec() {}

    @Word(
            value =
                    "Nobody has read the slot for so long. Before version 17 the server does not say it: it is since the agent has"
                            + " seen the slot so.",
            example = "inactiveFor 30.minutes")
    public void inactiveFor(Duration time) {
        inactiveFor = time;
    }

    @Word(value = "The slot keeps at least so much log.", example = "retaining 10.gigabytes")
    public void retaining(Bytes log) {
        retaining = log;
    }

    @Word(
            value = "Slots that are never dropped: names, in which `*` stands for any characters.",
            example = "keep 'report_*', 'archive'",
            byDefault = "none")
    public void keep(@Checked(TextKind.NAME) String... names) {
        for (String name : names) {
            keep.add(new NameGlob(name));
        }
    }

    @Word(
            value =
                    "How much log slots of these names may keep while their readers are away; dropped only beyond it. Without a budget"
                            + " the slots of configured standbys and subscribers, of this agent's archives and of failover managers"
                            + " stay. May be written several times; the first that fits counts.",
            example = "budget 'ship_*', 20.gigabytes",
            byDefault = "none")
    public void budget(@Checked(TextKind.NAME) String names, Bytes most) {
        budgets.add(new SlotDropPlan.Budget(new NameGlob(names), most));
    }

    SlotDropPlan plan() {
        if (inactiveFor == null || retaining == null) {
            throw new OperatorException(
                    "'dropLeakedSlots' needs '" + (inactiveFor == null ? "inactiveFor" : "retaining") + "'",
                    "dropLeakedSlots('shore') { inactiveFor 30.minutes; retaining 10.gigabytes }");
        }
        return new SlotDropPlan(inactiveFor, retaining, keep, budgets);
    }
}
