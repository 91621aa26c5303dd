package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table with its indexes; one that has partitions stands for them.
 *
 * @param rows by the planner's estimate, over all partitions; negative when there is none
 * @param merged whether the agent merges rows into it
 * @param overPartitions how an index over its partitions is made beside the work; null for a plain table, and where that cannot be done
 */
record IndexedTable(
        TableName table,
        boolean partitioned,
        double rows,
        List<String> columns,
        boolean merged,
        List<IndexFacts> indexes,
        List<ForeignKey> foreignKeys,
        @Nullable PartitionedIndex overPartitions) {

    /** From this table to another one. */
    record ForeignKey(String name, List<String> columns, TableName to) {}

    IndexedTable over(@Nullable PartitionedIndex partitions) {
        return new IndexedTable(table, partitioned, rows, columns, merged, indexes, foreignKeys, partitions);
    }

    IndexedTable with(List<IndexFacts> found, List<ForeignKey> keys) {
        return new IndexedTable(table, partitioned, rows, columns, merged, found, keys, overPartitions);
    }

    /**
     * What makes an index beside the work.
     *
     * @param columns that it begins with
     * @param what goes after the table's name
     */
    String create(boolean unique, List<String> columns, String what) {
        String kind = unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX";
        if (overPartitions != null) {
            return overPartitions.script(kind, columns, what);
        }
        return partitioned
                // PostgreSQL never calls an index over foreign tables whole that was put together from parts.
                ? kind + " ON " + table.quoted() + " " + what
                        + "; -- writers of all partitions wait: some of them are foreign tables, where it cannot be made piece by piece"
                : kind + " CONCURRENTLY ON " + table.quoted() + " " + what + ";";
    }

    /** As between the parentheses of {@code CREATE INDEX}. */
    static String list(List<String> columns) {
        return "(" + Identifiers.quoteAll(columns) + ")";
    }
}
