package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an expiry of one database did.
 *
 * @param database as configured
 * @param plan what was to go, and why
 * @param removed ids of the backups that are gone
 * @param segmentsRemoved of the archive
 * @param walBytes that the archive gave back
 * @param failures why backups that should have gone are still there, by id
 */
public record ExpiryResult(
        String database,
        ExpiryPlan plan,
        List<String> removed,
        int segmentsRemoved,
        long walBytes,
        Map<String, String> failures) {

    public ExpiryResult {
        removed = List.copyOf(removed);
        failures = Map.copyOf(failures);
    }

    /** Of a dry run. */
    public static ExpiryResult nothingRemoved(String database, ExpiryPlan plan) {
        return new ExpiryResult(database, plan, List.of(), 0, 0, Map.of());
    }

    /** What was given back. */
    public long bytes() {
        return walBytes
                + plan.backups().stream()
                        .filter(verdict -> removed.contains(verdict.id()))
                        .mapToLong(ExpiryPlan.BackupVerdict::bytes)
                        .sum();
    }

    /** Backups that are left. */
    public int kept() {
        return plan.backups().size() - removed.size();
    }

    /** In a sentence, for logs. */
    public String summary() {
        return removed.size() + (removed.size() == 1 ? " backup and " : " backups and ")
                + segmentsRemoved + " segments of WAL removed, " + Bytes.of(bytes()) + " given back; " + kept()
                + " backups stay";
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("removed", removed);
        fields.put("kept", kept());
        fields.put("segmentsRemoved", segmentsRemoved);
        fields.put("bytes", bytes());
        fields.put("text", summary());
        fields.put("verdicts", plan.documents());
        if (!failures.isEmpty()) {
            fields.put("failures", failures);
        }
        return fields;
    }

    /** The error to end with when something could not go. */
    public Optional<OperatorException> failure() {
        return failures.values().stream()
                .findFirst()
                .map(first -> new OperatorException(
                        failures.size() == 1
                                ? first
                                : failures.size() + " backups could not be removed, the first: " + first,
                        "all else was removed; the next expiry tries again."));
    }
}
