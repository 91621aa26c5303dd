package io.watchkeeper.toolkit.index;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An index that was built anew.
 *
 * @param index as it was before
 * @param database as configured
 * @param reason why, in words
 * @param bytesBefore on disk
 * @param attempts it took
 */
public record RebuiltIndex(
        IndexBloat index,
        String database,
        String reason,
        long bytesBefore,
        long bytesAfter,
        int attempts,
        Duration duration) {

    public long bytesReclaimed() {
        return Math.max(0, bytesBefore - bytesAfter);
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>(index.fields());
        fields.put("database", database);
        fields.put("reason", reason);
        fields.put("bytesBefore", bytesBefore);
        fields.put("bytesAfter", bytesAfter);
        fields.put("bytesReclaimed", bytesReclaimed());
        fields.put("attempts", attempts);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
