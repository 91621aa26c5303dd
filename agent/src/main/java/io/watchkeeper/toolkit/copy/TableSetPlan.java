package io.watchkeeper.toolkit.copy;

import java.util.List;

/**
 * Which tables to copy, and how each of them.
 *
 * @param patterns for example {@code public.*}; a table is meant when one of them matches
 * @param except patterns of tables that are not meant after all
 * @param options of each table; a rate limit holds over all of them, and workers are tables at once
 */
public record TableSetPlan(List<String> patterns, List<String> except, CopyOptions options) {

    public TableSetPlan {
        patterns = List.copyOf(patterns);
        except = List.copyOf(except);
    }

    /** The tables replaced, verified and analyzed. */
    public static TableSetPlan of(List<String> patterns, List<String> except) {
        return new TableSetPlan(patterns, except, CopyOptions.DEFAULT);
    }
}
