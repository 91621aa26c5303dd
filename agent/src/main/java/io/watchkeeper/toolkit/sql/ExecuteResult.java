package io.watchkeeper.toolkit.sql;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a statement did.
 *
 * @param rowsWritten how many rows it inserted, updated or deleted
 */
public record ExecuteResult(String database, long rowsWritten, Duration duration) {

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("rowsWritten", rowsWritten);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
