package io.watchkeeper.toolkit.backup;

import io.watchkeeper.toolkit.wal.WalChain;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A base backup that was made.
 *
 * @param verified whether it was compared with what the server sent, and its log read
 * @param duration of everything
 * @param copying of it, until the last byte had come
 * @param notes what was chosen and a person might not expect
 * @param archive the archived log as it is now, from its first segment on; null where there is none
 */
public record BaseBackupResult(
        Backup backup,
        boolean verified,
        Duration duration,
        Duration copying,
        List<String> notes,
        @Nullable WalChain archive) {

    public BaseBackupResult {
        notes = List.copyOf(notes);
    }

    /** Where the archived log is looked after elsewhere. */
    public BaseBackupResult(Backup backup, boolean verified, Duration duration, Duration copying, List<String> notes) {
        this(backup, verified, duration, copying, notes, null);
    }

    /** Of a dry run, which makes none. */
    public static BaseBackupResult nothing(String database) {
        BackupManifest none = new BackupManifest(
                "",
                BackupKind.BASE,
                BackupManifest.NATIVE,
                database,
                "",
                "0",
                0,
                0,
                null,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                0,
                List.of(),
                Map.of(),
                "",
                Compression.NONE,
                null,
                Map.of());
        return new BaseBackupResult(
                new Backup(none, Path.of(""), BackupStatus.NEW), false, Duration.ZERO, Duration.ZERO, List.of(), null);
    }

    /** The backup's name; empty in a dry run. */
    public String id() {
        return backup.id();
    }

    /** In the repository. */
    public long bytes() {
        return backup.manifest().bytes();
    }

    /** Whether it is nothing without another one. */
    public boolean incremental() {
        return backup.kind() == BackupKind.INCREMENTAL;
    }

    /** What is wrong with the archived log; empty when nothing is, and where there is none. The backup itself needs none of it. */
    public Optional<String> archiveGap() {
        if (archive == null || archive.isWhole()) {
            return Optional.empty();
        }
        List<String> named =
                archive.missing().subList(0, Math.min(3, archive.missing().size()));
        return Optional.of("the archived log of " + backup.manifest().database() + " has gaps: "
                + String.join(", ", named)
                + (archive.missingCount() > named.size()
                        ? " and " + (archive.missingCount() - named.size()) + " more"
                        : "")
                + " missing, so that backups before " + archive.end() + " lead no further than that");
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
        if (archive != null) {
            fields.put("archiveMissing", archive.missingCount());
            fields.put("archiveEnd", archive.end().toString());
        }
        if (!notes.isEmpty()) {
            fields.put("notes", new ArrayList<>(notes));
            fields.put("note", String.join("; ", notes));
        }
        return fields;
    }
}
