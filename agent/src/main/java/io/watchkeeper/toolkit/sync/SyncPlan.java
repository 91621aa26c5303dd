package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.TableName;
import java.util.function.UnaryOperator;

/**
 * Which table is kept the same as which, and how.
 *
 * @param from the source's table
 * @param to the target's table
 */
public record SyncPlan(TableName from, TableName to, SyncOptions options) {

    /** The whole table under the same name, deletions included. */
    public static SyncPlan of(TableName table) {
        return new SyncPlan(table, table, SyncOptions.DEFAULT);
    }

    /** The same table with other options. */
    public SyncPlan with(UnaryOperator<SyncOptions> change) {
        return new SyncPlan(from, to, change.apply(options));
    }
}
