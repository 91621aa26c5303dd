package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What VACUUM did to one table.
 *
 * @param skipped why nothing was done; null when it was
 * @param bytesReclaimed given back to the operating system, with indexes and TOAST
 */
public record VacuumedTable(
        TableName table,
        String database,
        @Nullable String skipped,
        long deadTuplesBefore,
        long deadTuplesAfter,
        long bytesReclaimed,
        Duration duration) {

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("database", database);
        if (skipped != null) {
            fields.put("skipped", skipped);
        }
        fields.put("deadTuplesBefore", deadTuplesBefore);
        fields.put("deadTuplesAfter", deadTuplesAfter);
        fields.put("bytesReclaimed", bytesReclaimed);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
