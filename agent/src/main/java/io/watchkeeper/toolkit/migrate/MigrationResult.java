package io.watchkeeper.toolkit.migrate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a migration has done.
 *
 * @param changes in the order in which they were deployed or taken back
 * @param verified whether verify scripts were run
 */
public record MigrationResult(
        String project, String revision, boolean revert, List<Done> changes, boolean verified, Duration duration) {

    /** @param attempts how often it was tried because locks were not to be had */
    public record Done(String database, String change, Phase phase, int attempts, Duration duration) {}

    public MigrationResult {
        changes = List.copyOf(changes);
    }

    /** In words. */
    public String words() {
        String what = changes.size() == 1 ? "1 change" : changes.size() + " changes";
        return changes.isEmpty()
                ? "already at " + revision
                : what + (revert ? " taken back, to " : " deployed, up to ") + revision;
    }

    /** For the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project", project);
        fields.put("revision", revision);
        fields.put("direction", revert ? "revert" : "deploy");
        fields.put("changes", changes.stream().map(MigrationResult::document).toList());
        fields.put("verified", verified);
        fields.put("durationMs", duration.toMillis());
        return fields;
    }

    private static Map<String, Object> document(Done done) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", done.database());
        fields.put("change", done.change());
        fields.put("phase", done.phase().word());
        fields.put("attempts", done.attempts());
        fields.put("durationMs", done.duration().toMillis());
        return fields;
    }
}
