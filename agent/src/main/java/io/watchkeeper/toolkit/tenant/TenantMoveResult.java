package io.watchkeeper.toolkit.tenant;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tenant that has got its other form.
 *
 * @param rows of each table
 * @param removed rows of the old form that are gone
 * @param shutOut how long the tenant was shut out
 * @param changed whether anything was done
 * @param notes what is worth a look, in sentences
 */
public record TenantMoveResult(
        String database,
        TenantId tenant,
        Tenancy to,
        Map<String, Long> rows,
        long removed,
        Duration shutOut,
        boolean changed,
        List<String> notes) {

    public TenantMoveResult {
        rows = new LinkedHashMap<>(rows);
        notes = List.copyOf(notes);
    }

    /** The tenant's id. */
    public String id() {
        return tenant.text();
    }

    /** How many rows it has. */
    public long allRows() {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("tenant", id());
        fields.put("to", to.word());
        fields.put("changed", changed);
        fields.put("rows", rows);
        fields.put("removed", removed);
        fields.put("shutOutMs", shutOut.toMillis());
        fields.put("notes", notes);
        return fields;
    }

    /** In one line. */
    public String words() {
        return changed
                ? "tenant " + id() + " has the form " + to.word() + ": " + allRows() + " rows in " + rows.size()
                        + " tables, shut out for " + shutOut.toMillis() + " ms"
                : "tenant " + id() + " has the form " + to.word() + " already";
    }
}
