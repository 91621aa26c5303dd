package io.watchkeeper.toolkit.maintenance;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a table is vacuumed.
 *
 * @param full rewrites each table and locks it against everything meanwhile
 * @param lockedAtMost of {@code full}: a table that takes longer is left as it was
 * @param freeze marks all old rows as frozen
 * @param analyze renews statistics too
 * @param parallel workers for the indexes of one table; null for the server's choice
 * @param costLimit the work done between two pauses, 1 to 10000, for this session only; null for no pauses
 * @param skipLocked leaves a table out that is in use, instead of waiting for it
 * @param lockTimeout how long to wait for a table that is in use
 */
public record VacuumHow(
        boolean full,
        Duration lockedAtMost,
        boolean freeze,
        boolean analyze,
        @Nullable Integer parallel,
        @Nullable Integer costLimit,
        boolean skipLocked,
        Duration lockTimeout) {

    /** How long a table that is rewritten may be locked, where nobody says. */
    public static final Duration LOCKED_AT_MOST = Duration.ofMinutes(5);

    /** An ordinary VACUUM. */
    public static VacuumHow plain() {
        return new VacuumHow(false, LOCKED_AT_MOST, false, false, null, null, false, Duration.ofSeconds(5));
    }
}
