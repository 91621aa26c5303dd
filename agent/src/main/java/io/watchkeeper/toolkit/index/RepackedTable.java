package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A table that pg_repack has written anew, with its indexes.
 *
 * @param database as configured
 * @param reason why, in words
 * @param bytesBefore with indexes and TOAST
 */
public record RepackedTable(
        TableName table, String database, String reason, long bytesBefore, long bytesAfter, Duration duration) {

    public long bytesReclaimed() {
        return Math.max(0, bytesBefore - bytesAfter);
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("database", database);
        fields.put("by", "pg_repack");
        fields.put("reason", reason);
        fields.put("bytesBefore", bytesBefore);
        fields.put("bytesAfter", bytesAfter);
        fields.put("bytesReclaimed", bytesReclaimed());
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
