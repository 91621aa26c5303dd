package io.watchkeeper.toolkit.maintenance;

import java.time.Duration;
import java.util.List;

/**
 * What to analyze.
 *
 * @param tables names or patterns; empty for every table of the database
 * @param lockTimeout how long to wait for a table that is in use
 */
public record AnalyzePlan(List<String> tables, Duration lockTimeout) {
    public AnalyzePlan {
        tables = List.copyOf(tables);
    }

    public static AnalyzePlan of(List<String> tables) {
        return new AnalyzePlan(tables, Duration.ofSeconds(5));
    }
}
