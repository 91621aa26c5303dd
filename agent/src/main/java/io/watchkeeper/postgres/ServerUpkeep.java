package io.watchkeeper.postgres;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a server keeps its tables in order, as it was found at one look.
 *
 * @param database as configured
 * @param workers autovacuum workers that run; the most that may is {@code maxWorkers}
 * @param longestSeconds since when the oldest of them works on its table; 0 where none runs
 * @param longestTable that table; null where none runs, or the role may not see it
 * @param oldestXidAge transactions since the oldest one that is not frozen, of all databases of the server
 * @param freezeMaxAge at which age a table is frozen whatever its settings say
 * @param enabled whether autovacuum is on
 * @param tables the largest of the database, largest first
 */
public record ServerUpkeep(
        String database,
        Instant at,
        boolean enabled,
        int workers,
        int maxWorkers,
        double longestSeconds,
        @Nullable String longestTable,
        long oldestXidAge,
        long freezeMaxAge,
        List<Table> tables) {

    /**
     * A table, by the statistics the server keeps: estimates, not a scan.
     *
     * @param bytes with its indexes
     */
    public record Table(String name, long bytes, long liveRows, long deadRows) {

        /** The share of rows that are dead, from 0 to 1. */
        public double deadRatio() {
            long all = liveRows + deadRows;
            return all == 0 ? 0 : deadRows / (double) all;
        }
    }

    public ServerUpkeep {
        tables = List.copyOf(tables);
    }
}
