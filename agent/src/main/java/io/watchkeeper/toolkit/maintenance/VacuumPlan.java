package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to vacuum, and how.
 *
 * @param tables names or patterns; empty for every table of the database
 * @param full rewrites each table and locks it against everything meanwhile
 * @param freeze marks all old rows as frozen
 * @param analyze renews statistics too
 * @param whenDeadTuples only tables with at least this share of dead rows; null for all
 * @param parallel workers for the indexes of one table; null for the server's choice
 * @param costLimit the work done between two pauses, 1 to 10000, for this session only; null for no pauses
 * @param lockTimeout how long to wait for a table that is in use
 */
public record VacuumPlan(
        List<String> tables,
        boolean full,
        boolean freeze,
        boolean analyze,
        @Nullable Ratio whenDeadTuples,
        @Nullable Integer parallel,
        @Nullable Integer costLimit,
        Duration lockTimeout) {

    public VacuumPlan {
        tables = List.copyOf(tables);
    }

    /** An ordinary VACUUM. */
    public static VacuumPlan of(List<String> tables) {
        return new VacuumPlan(tables, false, false, false, null, null, null, Duration.ofSeconds(5));
    }
}
