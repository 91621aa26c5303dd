package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What ANALYZE found in one table.
 *
 * @param estimatedRows -1 when the server does not say
 */
public record AnalyzedTable(TableName table, String database, long estimatedRows, Duration duration) {

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("database", database);
        fields.put("estimatedRows", estimatedRows);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
