package io.watchkeeper.toolkit.verify;

import java.util.List;

/**
 * Which tables to verify, and how each of them.
 *
 * @param patterns for example {@code public.*}; a table is meant when one of them matches
 * @param except patterns of tables that are not meant after all
 * @param options of each table; {@code pace.workers} are tables at once
 */
public record VerifySetPlan(List<String> patterns, List<String> except, VerifyOptions options) {

    public VerifySetPlan {
        patterns = List.copyOf(patterns);
        except = List.copyOf(except);
    }

    public static VerifySetPlan of(List<String> patterns, List<String> except) {
        return new VerifySetPlan(patterns, except, VerifyOptions.DEFAULT);
    }
}
