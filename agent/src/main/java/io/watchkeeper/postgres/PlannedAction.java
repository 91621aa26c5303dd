package io.watchkeeper.postgres;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing a verb would do to a server, said by a dry run.
 *
 * @param database the name in the configuration
 * @param sql the statement, identifiers quoted, values as placeholders
 * @param lock the strongest table lock it takes
 * @param rows estimated; -1 when unknown
 * @param bytes estimated; -1 when unknown
 * @param note what the statement alone does not say; may be empty
 */
public record PlannedAction(String database, String sql, LockLevel lock, long rows, long bytes, String note) {

    /** The action as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("sql", sql);
        fields.put("lock", lock.toString());
        if (rows >= 0) {
            fields.put("estimatedRows", rows);
        }
        if (bytes >= 0) {
            fields.put("estimatedBytes", bytes);
        }
        if (!note.isEmpty()) {
            fields.put("note", note);
        }
        return fields;
    }
}
