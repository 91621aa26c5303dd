package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a backup since it was made. It is kept beside the backups and not in them, so that these can be write-once.
 *
 * @param held why it is kept whatever the policy says; null when it is not held
 * @param damages what was found wrong; empty for a good one
 * @param verifiedAt when all its files were last read and were the same; null when they never were
 * @param restoredAt when it was last restored and what came back was checked and right; null when it never was
 * @param restoreSeconds how long that took; null when it never was
 * @param limit how far it can be rolled forward, in words, where the archive does not lead to its end; null for no limit known
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupStatus(
        @Nullable String held,
        List<String> damages,
        @Nullable Instant verifiedAt,
        @Nullable Instant restoredAt,
        @Nullable Double restoreSeconds,
        @Nullable String limit) {

    /** What damages begin with that a restore has found. The files may be just what was written: reading them again is no remedy. */
    public static final String BY_RESTORE = "restored, it was wrong: ";

    /** Of a backup nothing is known of. */
    public static final BackupStatus NEW = new BackupStatus(null, List.of(), null, null, null, null);

    public BackupStatus {
        damages = damages == null ? List.of() : List.copyOf(damages);
    }

    public boolean isDamaged() {
        return !damages.isEmpty();
    }

    public BackupStatus withHeld(@Nullable String why) {
        return new BackupStatus(why, damages, verifiedAt, restoredAt, restoreSeconds, limit);
    }

    /** Found wrong: it no longer counts as a backup. */
    public BackupStatus withDamages(List<String> found) {
        return new BackupStatus(held, found, verifiedAt, restoredAt, restoreSeconds, limit);
    }

    /** Found whole: earlier damages are gone, as after a file system was mended. */
    public BackupStatus withVerified(Instant at) {
        List<String> left =
                damages.stream().filter(damage -> damage.startsWith(BY_RESTORE)).toList();
        return new BackupStatus(held, left, at, restoredAt, restoreSeconds, limit);
    }

    public BackupStatus withRestored(Instant at, double seconds) {
        return new BackupStatus(held, damages, verifiedAt, at, seconds, limit);
    }

    /** How far the archive leads from it. */
    public BackupStatus withLimit(@Nullable String words) {
        return new BackupStatus(held, damages, verifiedAt, restoredAt, restoreSeconds, words);
    }
}
