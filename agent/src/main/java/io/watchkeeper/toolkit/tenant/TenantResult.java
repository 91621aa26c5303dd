package io.watchkeeper.toolkit.tenant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tenant that was made, moved or proven again.
 *
 * @param tables its own ones, or those it shares
 * @param notes what is worth a look, in sentences
 * @param repeated whether the same wish had been done before, and nothing was done now
 */
public record TenantResult(
        String database,
        TenantId tenant,
        String region,
        String plan,
        Tenancy tenancy,
        List<String> tables,
        Proof proof,
        List<String> notes,
        boolean repeated) {

    public TenantResult {
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
    }

    /** The tenant's id. */
    public String id() {
        return tenant.text();
    }

    /** The tenant's role. */
    public String role() {
        return tenant.role();
    }

    /** How many things were tried that must not work, or must. */
    public int checks() {
        return proof.checks().size();
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("tenant", id());
        fields.put("region", region);
        fields.put("plan", plan);
        fields.put("tenancy", tenancy.word());
        fields.put("role", role());
        if (tenancy == Tenancy.SCHEMA) {
            fields.put("schema", tenant.schema());
        }
        fields.put("tables", tables);
        fields.put("repeated", repeated);
        if (!repeated) {
            fields.put("proven", proof.passed());
            fields.put("checks", proof.fields());
            fields.put("unproven", new ArrayList<>(proof.unproven().keySet()));
        }
        fields.put("notes", notes);
        return fields;
    }

    /** In one line. */
    public String words() {
        if (repeated) {
            return "tenant " + id() + " was made by this wish before; nothing was done";
        }
        String where = tenancy == Tenancy.SCHEMA ? "schema " + tenant.schema() : tables.size() + " shared tables";
        return "tenant " + id() + " in database " + database + ": role " + role() + ", " + where + ", " + checks()
                + " checks passed";
    }
}
