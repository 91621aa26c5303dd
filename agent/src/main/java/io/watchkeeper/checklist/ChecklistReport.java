package io.watchkeeper.checklist;

import io.watchkeeper.runbook.Checklist;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * What one run of a checklist came to.
 *
 * @param unfinished why it was not gone through to its end; empty when it was
 * @param trends the figures of its databases, over the time its kind looks back
 */
public record ChecklistReport(
        String runId,
        String runbook,
        String host,
        Checklist kind,
        Instant startedAt,
        Duration took,
        String unfinished,
        List<Item> items,
        List<Trend> trends) {

    public ChecklistReport {
        items = List.copyOf(items);
        trends = List.copyOf(trends);
    }

    /** What has to be mended now. */
    public List<Need> now() {
        return needs().filter(Need::now).toList();
    }

    /** What is to be looked at when there is time. */
    public List<Need> later() {
        return needs().filter(need -> !need.now()).toList();
    }

    /** What was changed, in the order in which it was done. */
    public List<Look> done() {
        return items.stream()
                .flatMap(item -> item.looks().stream())
                .filter(Look::did)
                .toList();
    }

    /** The worst of its items; a checklist that was not finished is not well. */
    public ItemState state() {
        ItemState worst = items.stream().map(Item::state).reduce(ItemState.OK, ItemState::worse);
        return unfinished.isEmpty() ? worst : worst.worse(ItemState.WARN);
    }

    /** How many items came out so. */
    public long count(ItemState state) {
        return items.stream().filter(item -> item.state() == state).count();
    }

    private Stream<Need> needs() {
        return items.stream().flatMap(item -> item.needs().stream()).distinct();
    }
}
