package io.watchkeeper.toolkit.tenant;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tenant that was archived and removed.
 *
 * @param archive by which the archive knows its rows; empty when nothing was done
 * @param rows of each table, as they are archived
 * @param changed whether anything was done
 */
public record TenantDropResult(
        String database, TenantId tenant, String archive, Map<String, Long> rows, boolean changed) {

    public TenantDropResult {
        rows = new LinkedHashMap<>(rows);
    }

    /** The tenant's id. */
    public String id() {
        return tenant.text();
    }

    /** How many rows went. */
    public long allRows() {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("tenant", id());
        fields.put("archive", archive);
        fields.put("rows", rows);
        fields.put("changed", changed);
        return fields;
    }

    /** In one line. */
    public String words() {
        return changed
                ? "tenant " + id() + " is gone: " + allRows() + " rows are in archive " + archive
                : "tenant " + id() + " was dropped before";
    }
}
