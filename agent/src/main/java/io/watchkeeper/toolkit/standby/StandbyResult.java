package io.watchkeeper.toolkit.standby;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was done for a standby.
 *
 * @param name of the standby
 * @param from the database it is a standby of
 * @param state {@code streaming}; {@code ready} where somebody else starts it; {@code undone}; {@code planned} in a dry run
 * @param changed whether anything had to be done
 * @param steps what each step did or found, in order
 * @param notes what else there is to say
 * @param copied bytes; 0 when nothing was copied
 * @param lagBytes of log that it had not replayed yet when it streamed
 */
public record StandbyResult(
        String name,
        String from,
        String state,
        boolean changed,
        String dataDirectory,
        int port,
        String slot,
        String role,
        Map<String, String> steps,
        List<String> notes,
        Bytes copied,
        Bytes lagBytes,
        Duration took) {

    public static final String STREAMING = "streaming";
    public static final String READY = "ready";
    public static final String UNDONE = "undone";
    public static final String PLANNED = "planned";

    public StandbyResult {
        steps = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(steps));
        notes = List.copyOf(notes);
    }

    public boolean isStreaming() {
        return state.equals(STREAMING);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("standby", name);
        fields.put("from", from);
        fields.put("status", state);
        fields.put("changed", changed);
        fields.put("dataDirectory", dataDirectory);
        fields.put("port", port);
        fields.put("slot", slot);
        fields.put("role", role);
        fields.put("steps", steps);
        fields.put("notes", notes);
        fields.put("bytes", copied.count());
        fields.put("lagBytes", lagBytes.count());
        fields.put("durationMs", took.toMillis());
        return fields;
    }

    /** In a sentence. */
    public String words() {
        return "standby " + name + " of " + from + " is " + state
                + (copied.count() > 0 ? ", copied " + copied : "")
                + (changed ? "" : ", nothing had to be done") + ", in " + DurationText.say(took);
    }
}
