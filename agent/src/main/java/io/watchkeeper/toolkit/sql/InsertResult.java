package io.watchkeeper.toolkit.sql;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an insert that may come twice did.
 *
 * @param rowsWritten 1, or 0 where the row was there already
 */
public record InsertResult(String database, TableName table, long rowsWritten, Duration duration) {

    /** Whether this call has inserted the row. */
    public boolean inserted() {
        return rowsWritten > 0;
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("table", table.toString());
        fields.put("rowsWritten", rowsWritten);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
