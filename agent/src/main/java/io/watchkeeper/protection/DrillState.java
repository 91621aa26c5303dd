package io.watchkeeper.protection;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One drill: a backup that was restored to see whether it can be.
 *
 * @param database as configured
 * @param at when it ended
 * @param passed whether everything that was to be checked was checked and was right
 * @param rpoSeconds between what was asked for and what came back; null when it did not get so far
 * @param rtoSeconds from its beginning until what came back was checked; null when it did not get so far
 * @param recoveredTo the newest transaction that came back; null when it did not get so far
 * @param runId whose report tells more
 * @param failures why it did not pass
 */
public record DrillState(
        String database,
        String backup,
        Instant at,
        boolean passed,
        @Nullable Double rpoSeconds,
        @Nullable Double rtoSeconds,
        @Nullable Instant recoveredTo,
        @Nullable String runId,
        List<String> failures) {

    public DrillState {
        failures = List.copyOf(failures);
    }
}
