package io.watchkeeper.toolkit.sql;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a query returned.
 *
 * @param rows column name to value; values are String, Number, Boolean, null, or List of these
 */
public record QueryResult(String database, List<Map<String, @Nullable Object>> rows, Duration duration) {

    /** The run document holds the first rows only; the step gets all of them. */
    private static final int RECORDED_ROWS = 100;

    public QueryResult {
        rows = Collections.unmodifiableList(rows);
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("rowsRead", rows.size());
        fields.put("durationMs", duration.toMillis());
        fields.put("rows", rows.subList(0, Math.min(rows.size(), RECORDED_ROWS)));
        return fields;
    }
}
