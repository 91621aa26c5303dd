package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What VACUUM did to one table.
 *
 * @param skipped why nothing was done, or not all; null when it was
 * @param due whether the plan meant it to be vacuumed
 * @param need why it was to be; empty when it was not
 * @param bytesReclaimed given back to the operating system, with indexes and TOAST
 */
public record VacuumedTable(
        TableName table,
        String database,
        @Nullable String skipped,
        boolean due,
        String need,
        long deadTuplesBefore,
        long deadTuplesAfter,
        long xidAgeBefore,
        long xidAgeAfter,
        long bytesReclaimed,
        Duration duration) {

    /** Nothing was done to it. */
    static VacuumedTable skipped(String database, VacuumTask task, String why) {
        return stopped(database, task, why, Duration.ZERO);
    }

    /** Something was, but not all, so that what the server counts did not change. */
    static VacuumedTable stopped(String database, VacuumTask task, String why, Duration duration) {
        TableStatistics table = task.table();
        return new VacuumedTable(
                table.table(),
                database,
                why,
                task.need() != null,
                task.need() == null ? "" : task.need().words(),
                table.deadTuples(),
                table.deadTuples(),
                table.xidAge(),
                table.xidAge(),
                0,
                duration);
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
        fields.put("deadTuplesBefore", deadTuplesBefore);
        fields.put("deadTuplesAfter", deadTuplesAfter);
        fields.put("xidAgeBefore", xidAgeBefore);
        fields.put("xidAgeAfter", xidAgeAfter);
        fields.put("bytesReclaimed", bytesReclaimed);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
