package io.watchkeeper.toolkit.remedy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a remediation does to a server, written down before it is done.
 *
 * @param remediation whose it is
 * @param number of the record within the remediation
 * @param run the run that does it
 * @param primary as configured
 * @param replica that is behind
 * @param database the configured database of the server where it is done
 * @param name of the setting or index
 * @param was the value in postgresql.auto.conf before; null when it was not there
 * @param now the value that it gets; empty for what is no setting
 * @param reason in words
 */
record RemedyRecord(
        String remediation,
        int number,
        String run,
        String primary,
        String replica,
        String database,
        ServerIdentity server,
        Kind kind,
        String name,
        @Nullable String was,
        String now,
        String reason,
        Instant at) {

    /** What has to be taken back. */
    enum Kind {
        /** A setting in postgresql.auto.conf. */
        SETTING,
        /** An index that is built anew beside itself; what is left of that is dropped. */
        INDEX,
        /** Nothing: a query was cancelled, a process restarted. The record tells of it should the agent die. */
        DEED
    }

    String file() {
        return remediation + "-" + number + ".json";
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("remediation", remediation);
        fields.put("number", number);
        fields.put("run", run);
        fields.put("primary", primary);
        fields.put("replica", replica);
        fields.put("database", database);
        fields.put("system", server.system());
        fields.put("address", server.address());
        fields.put("kind", kind.name());
        fields.put("name", name);
        if (was != null) {
            fields.put("was", was);
        }
        fields.put("now", now);
        fields.put("reason", reason);
        fields.put("at", at.toString());
        return fields;
    }

    static RemedyRecord of(Map<String, Object> fields) {
        Object was = fields.get("was");
        return new RemedyRecord(
                text(fields, "remediation"),
                ((Number) Objects.requireNonNull(fields.get("number"))).intValue(),
                text(fields, "run"),
                text(fields, "primary"),
                text(fields, "replica"),
                text(fields, "database"),
                new ServerIdentity(text(fields, "system"), text(fields, "address")),
                Kind.valueOf(text(fields, "kind")),
                text(fields, "name"),
                was == null ? null : was.toString(),
                text(fields, "now"),
                text(fields, "reason"),
                Instant.parse(text(fields, "at")));
    }

    private static String text(Map<String, Object> fields, String name) {
        return Objects.requireNonNull(fields.get(name), name).toString();
    }
}
