package io.watchkeeper.toolkit.pitr;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing a drill looked at in the recovered cluster.
 *
 * @param name for people, and a key for programs
 * @param passed only when it was looked at and is right
 * @param detail what was seen, or why it could not be looked at
 */
public record DrillCheck(String name, boolean passed, String detail, Duration took) {

    /** As in the run document. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("passed", passed);
        fields.put("detail", detail);
        fields.put("durationMs", took.toMillis());
        return fields;
    }
}
