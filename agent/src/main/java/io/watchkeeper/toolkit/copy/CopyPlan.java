package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import java.util.function.UnaryOperator;

/**
 * Which table to copy, and how.
 *
 * @param from the source's table
 * @param to the target's table
 */
public record CopyPlan(TableName from, TableName to, CopyOptions options) {

    /** The whole table under the same name, replaced, verified and analyzed. */
    public static CopyPlan of(TableName table) {
        return new CopyPlan(table, table, CopyOptions.DEFAULT);
    }

    public CopyPlan withTables(TableName newFrom, TableName newTo) {
        return new CopyPlan(newFrom, newTo, options);
    }

    /** The same table with other options. */
    public CopyPlan with(UnaryOperator<CopyOptions> change) {
        return new CopyPlan(from, to, change.apply(options));
    }
}
