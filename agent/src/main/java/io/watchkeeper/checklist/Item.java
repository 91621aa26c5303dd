package io.watchkeeper.checklist;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * One item of a checklist: a step of its runbook.
 *
 * @param failures why the item itself failed, beyond what its looks say; empty when it did not
 */
public record Item(String name, ItemState state, Duration took, List<Look> looks, List<Need> failures) {

    public Item {
        looks = List.copyOf(looks);
        failures = List.copyOf(failures);
    }

    /** All that it needs a person for. */
    public List<Need> needs() {
        return Stream.concat(failures.stream(), looks.stream().flatMap(look -> look.needs().stream()))
                .toList();
    }
}
