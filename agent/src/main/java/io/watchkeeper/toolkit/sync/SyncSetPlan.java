package io.watchkeeper.toolkit.sync;

import java.util.List;

/**
 * Which tables to keep the same, and how each of them.
 *
 * @param patterns for example {@code public.*}; a table is meant when one of them matches
 * @param except patterns of tables that are not meant after all
 * @param options of each table; a rate limit holds over all of them, and workers are groups of tables at once
 * @param oneSnapshot whether all tables are brought to one view of the source in one transaction. Tables that foreign keys tie
 *     together are in any case.
 */
public record SyncSetPlan(List<String> patterns, List<String> except, SyncOptions options, boolean oneSnapshot) {

    public SyncSetPlan {
        patterns = List.copyOf(patterns);
        except = List.copyOf(except);
    }

    public static SyncSetPlan of(List<String> patterns, List<String> except) {
        return new SyncSetPlan(patterns, except, SyncOptions.DEFAULT, false);
    }
}
