package io.watchkeeper.toolkit.pitr;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A part of a drill, for its timeline.
 *
 * @param begin since the drill began
 */
public record DrillPhase(String name, Duration begin, Duration took) {

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("beginMs", begin.toMillis());
        fields.put("durationMs", took.toMillis());
        return fields;
    }
}
