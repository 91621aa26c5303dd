package io.watchkeeper.toolkit.backup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A base backup that was made.
 *
 * @param verified whether it was compared with what the server sent, and its log read
 * @param duration of everything
 * @param copying of it, until the last byte had come
 * @param notes what was chosen and a person might not expect, and what was found besides
 */
public record BaseBackupResult(
        Backup backup, boolean verified, Duration duration, Duration copying, List<String> notes) {

    public BaseBackupResult {
        notes = List.copyOf(notes);
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        BackupManifest manifest = backup.manifest();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", manifest.database());
        fields.put("backup", backup.id());
        fields.put("kind", backup.kind().toString());
        fields.put("format", manifest.options().getOrDefault(BaseBackup.FORMAT, ""));
        fields.put("compression", manifest.compression().toString());
        if (!manifest.encryption().isEmpty()) {
            fields.put("encryption", manifest.encryption());
        }
        if (manifest.parent() != null) {
            fields.put("parent", manifest.parent());
        }
        fields.put("files", manifest.files().size());
        fields.put("bytes", manifest.bytes());
        fields.put("startLsn", String.valueOf(manifest.startLsn()));
        fields.put("stopLsn", String.valueOf(manifest.stopLsn()));
        fields.put("timeline", manifest.timeline());
        fields.put("verified", verified);
        fields.put("durationMs", duration.toMillis());
        fields.put("stages", Map.of("copy", copying.toMillis()));
        if (!notes.isEmpty()) {
            fields.put("notes", new ArrayList<>(notes));
            fields.put("note", String.join("; ", notes));
        }
        return fields;
    }
}
