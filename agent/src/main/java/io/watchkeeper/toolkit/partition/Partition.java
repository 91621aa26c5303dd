package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A partition as the catalogue has it.
 *
 * @param oid of its table
 * @param bound as {@code pg_get_expr} writes it
 * @param span null when the bound is not one of dates, as that of the default partition
 * @param pending whether a detaching of it was begun and not finished
 * @param partitioned whether it has partitions itself
 * @param rows estimated; -1 when unknown
 * @param bytes by the planner's pages, without indexes and without partitions of its own
 */
record Partition(
        long oid,
        TableName name,
        String bound,
        @Nullable Span span,
        boolean pending,
        boolean partitioned,
        long rows,
        long bytes) {

    boolean isDefault() {
        return bound.equals("DEFAULT");
    }
}
