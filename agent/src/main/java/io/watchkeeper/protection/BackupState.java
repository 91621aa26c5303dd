package io.watchkeeper.protection;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One backup in the repository.
 *
 * @param database as configured
 * @param kind {@code dump}, {@code base} or {@code incremental}
 * @param provider {@code native} or {@code pgbackrest}
 * @param finishedAt when it was whole
 * @param duration in milliseconds
 * @param bytes in the repository
 * @param damages what is wrong with it; empty for a good one
 * @param verifiedAt when its files were last read and found the same; null when they never were
 * @param restoredAt when it was last restored and what was restored was checked; null when it never was
 * @param held why it is kept whatever the policy says; null when it is not
 */
public record BackupState(
        String database,
        String id,
        String kind,
        String provider,
        Instant startedAt,
        Instant finishedAt,
        long duration,
        long bytes,
        List<String> damages,
        @Nullable Instant verifiedAt,
        @Nullable Instant restoredAt,
        @Nullable String held) {

    public BackupState {
        damages = List.copyOf(damages);
    }

    /** Whether it counts as a backup. */
    public boolean isGood() {
        return damages.isEmpty();
    }
}
