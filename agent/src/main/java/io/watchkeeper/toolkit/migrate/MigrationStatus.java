package io.watchkeeper.toolkit.migrate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a database has come along a plan.
 *
 * @param deployed changes that it has, in the order of the plan
 * @param pending changes that it lacks, likewise
 * @param unregistered a change that a process has deployed, or taken back, and died before Sqitch wrote that down; null for none
 */
public record MigrationStatus(
        String database,
        String project,
        List<String> deployed,
        List<String> pending,
        @Nullable String unregistered) {

    public MigrationStatus {
        deployed = List.copyOf(deployed);
        pending = List.copyOf(pending);
    }

    /** In words. */
    public String words() {
        String last = deployed.isEmpty() ? "nothing" : deployed.get(deployed.size() - 1);
        return database + " is at " + last + " of '" + project + "'; "
                + (pending.isEmpty() ? "nothing is pending" : "pending: " + String.join(", ", pending))
                + (unregistered == null
                        ? ""
                        : "; Sqitch's registry does not say that of '" + unregistered
                                + "' yet, because a process died: the next migration writes it down");
    }

    /** For the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("project", project);
        fields.put("deployed", deployed);
        fields.put("pending", pending);
        if (unregistered != null) {
            fields.put("unregistered", unregistered);
        }
        return fields;
    }
}
