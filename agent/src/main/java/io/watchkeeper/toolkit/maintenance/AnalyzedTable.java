package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What ANALYZE found in one table.
 *
 * @param skipped why nothing was done; null when it was
 * @param due whether the plan meant it to be analyzed
 * @param need why it was to be, with values
 * @param estimatedRows -1 when the server does not say
 */
public record AnalyzedTable(
        TableName table,
        String database,
        @Nullable String skipped,
        boolean due,
        String need,
        long estimatedRows,
        Duration duration) {

    AnalyzedTable withRows(long rows) {
        return new AnalyzedTable(table, database, skipped, due, need, rows, duration);
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("database", database);
        if (skipped != null) {
            fields.put("skipped", skipped);
        }
        if (!need.isEmpty()) {
            fields.put("need", need);
        }
        fields.put("estimatedRows", estimatedRows);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
