package io.watchkeeper.toolkit.copy;

import io.watchkeeper.units.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which tables to copy, and how each of them.
 *
 * @param patterns for example {@code public.*}; a table is meant when one of them matches
 * @param except patterns of tables that are not meant after all
 * @param columns to copy of each table; empty for all of them
 * @param where an SQL condition on the rows of each table; null for all rows
 * @param rateLimit per second over all tables; null for as fast as it goes
 * @param rebuildIndexes as in {@link CopyPlan}
 */
public record TableSetPlan(
        List<String> patterns,
        List<String> except,
        List<String> columns,
        @Nullable String where,
        CopyStrategy strategy,
        CopyFormat format,
        @Nullable Bytes rateLimit,
        @Nullable Boolean rebuildIndexes,
        boolean verify,
        boolean analyze) {

    public TableSetPlan {
        patterns = List.copyOf(patterns);
        except = List.copyOf(except);
        columns = List.copyOf(columns);
    }

    /** The tables replaced, verified and analyzed. */
    public static TableSetPlan of(List<String> patterns, List<String> except) {
        return new TableSetPlan(
                patterns, except, List.of(), null, CopyStrategy.TRUNCATE, CopyFormat.AUTO, null, null, true, true);
    }
}
