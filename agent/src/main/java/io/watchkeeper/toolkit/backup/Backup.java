package io.watchkeeper.toolkit.backup;

import io.watchkeeper.protection.BackupState;
import java.nio.file.Path;

/**
 * A finished backup.
 *
 * @param folder of its files, those of {@link BackupManifest#files} and the manifest
 */
public record Backup(BackupManifest manifest, Path folder, BackupStatus status) {

    public String id() {
        return manifest.id();
    }

    public BackupKind kind() {
        return manifest.kind();
    }

    /** Whether it counts: whole when it was made, and not found damaged since. */
    public boolean isGood() {
        return !status.isDamaged();
    }

    public Path file(StoredFile stored) {
        return folder.resolve(stored.path());
    }

    /** As surfaces show it. */
    public BackupState state() {
        return new BackupState(
                manifest.database(),
                manifest.id(),
                manifest.kind().toString(),
                manifest.provider(),
                manifest.startedAt(),
                manifest.finishedAt(),
                manifest.duration().toMillis(),
                manifest.bytes(),
                status.damages(),
                status.verifiedAt(),
                status.restoredAt(),
                status.held());
    }
}
