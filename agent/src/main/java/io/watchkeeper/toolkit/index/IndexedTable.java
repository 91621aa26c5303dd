package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import java.util.List;

/**
 * A table with its indexes; one that has partitions stands for them.
 *
 * @param rows by the planner's estimate, over all partitions; negative when there is none
 * @param merged whether the agent merges rows into it
 */
record IndexedTable(
        TableName table,
        boolean partitioned,
        double rows,
        List<String> columns,
        boolean merged,
        List<IndexFacts> indexes,
        List<ForeignKey> foreignKeys) {

    /** From this table to another one. */
    record ForeignKey(String name, List<String> columns, TableName to) {}

    IndexedTable with(List<IndexFacts> found, List<ForeignKey> keys) {
        return new IndexedTable(table, partitioned, rows, columns, merged, found, keys);
    }

    /**
     * What makes an index. PostgreSQL names it. On a partitioned table it cannot be made beside the work at once.
     *
     * @param what goes between the parentheses, and after them
     */
    String create(boolean unique, String what) {
        String kind = unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
        return partitioned
                ? kind + "ON " + table.quoted() + " " + what
                        + "; -- writers of all partitions wait; to avoid that, make it ON ONLY the table, CONCURRENTLY on each partition, and"
                        + " ALTER INDEX … ATTACH PARTITION"
                : kind + "CONCURRENTLY ON " + table.quoted() + " " + what + ";";
    }

    /** As between the parentheses of {@code CREATE INDEX}. */
    static String list(List<String> columns) {
        return "(" + Identifiers.quoteAll(columns) + ")";
    }
}
