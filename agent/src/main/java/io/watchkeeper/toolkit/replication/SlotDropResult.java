package io.watchkeeper.toolkit.replication;

import io.watchkeeper.units.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What became of a server's slots.
 *
 * @param decisions one for each slot, by name; temporary slots are left out
 */
public record SlotDropResult(String database, List<SlotDecision> decisions) {

    public SlotDropResult {
        decisions = List.copyOf(decisions);
    }

    public List<SlotDecision> dropped() {
        return decisions.stream().filter(SlotDecision::drop).toList();
    }

    public List<SlotDecision> kept() {
        return decisions.stream().filter(decision -> !decision.drop()).toList();
    }

    /** At most what the disk gets back at the next checkpoint: slots share the log they keep. */
    public Bytes freed() {
        long before = mostKept(decisions);
        return Bytes.of(before - mostKept(kept()));
    }

    private static long mostKept(List<SlotDecision> of) {
        return of.stream()
                .mapToLong(decision -> decision.slot().retainedBytes())
                .max()
                .orElse(0);
    }

    /** For an alert: which slots were dropped, why, and what their readers must do; empty when none was. */
    public String alertText() {
        return dropped().stream()
                .map(decision -> "slot " + decision.name() + " of '" + database + "' was dropped: " + decision.reason()
                        + ". " + decision.consequence())
                .collect(Collectors.joining("\n"));
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("dropped", dropped().stream().map(SlotDecision::name).toList());
        fields.put("bytes", freed().count());
        fields.put("slots", decisions.stream().map(SlotDecision::fields).toList());
        return fields;
    }
}
