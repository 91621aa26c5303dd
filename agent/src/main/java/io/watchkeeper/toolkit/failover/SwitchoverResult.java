package io.watchkeeper.toolkit.failover;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of a switchover.
 *
 * @param from the old primary
 * @param to the new one
 * @param state {@code done}; {@code back} when the old primary has its role again; {@code nothing} in a dry run and when there was nothing to
 *     take back
 * @param steps those gone through, in order
 * @param downtime from when the old primary was told to stop until the new one took writes; null when that was not in this run
 * @param notes what is left to do or to know
 */
public record SwitchoverResult(
        String from,
        String to,
        String state,
        List<String> steps,
        @Nullable Duration downtime,
        List<String> notes) {

    public SwitchoverResult {
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("from", from);
        fields.put("to", to);
        fields.put("state", state);
        fields.put("steps", steps);
        if (downtime != null) {
            fields.put("downtimeMs", downtime.toMillis());
        }
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
