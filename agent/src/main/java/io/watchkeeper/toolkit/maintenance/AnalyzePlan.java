package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to analyze.
 *
 * @param tables names or patterns; empty for every table of the database
 * @param whenChanged only tables of which at least this share was written since they were last analyzed; null for all
 * @param skipLocked leaves a table out that is in use, instead of waiting for it
 * @param lockTimeout how long to wait for a table that is in use
 */
public record AnalyzePlan(
        List<String> tables, @Nullable Ratio whenChanged, boolean skipLocked, Duration lockTimeout, TimeFrame time) {
    public AnalyzePlan {
        tables = List.copyOf(tables);
    }

    public static AnalyzePlan of(List<String> tables) {
        return new AnalyzePlan(tables, null, false, Duration.ofSeconds(5), TimeFrame.always());
    }
}
