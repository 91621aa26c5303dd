package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An index as the catalogue describes it; of a partitioned table the index over all partitions.
 *
 * @param method of access, {@code btree}
 * @param keys the key columns in order; an expression stands as the empty text
 * @param included further columns
 * @param shape operator classes, collations and directions of the keys, one text for each
 * @param expressions of the keys that are no columns, and the condition of a partial index; empty for none
 * @param partial whether it holds only some rows
 * @param constraint that it holds up; null for none
 * @param needed by something else than queries: it identifies rows for replication
 * @param partitioned whether it stands for the indexes of partitions
 * @param bytes by the planner's pages, over all partitions
 * @param scans over all partitions
 */
record IndexFacts(
        IndexName index,
        TableName table,
        String method,
        List<String> keys,
        List<String> included,
        List<String> shape,
        String expressions,
        boolean partial,
        boolean unique,
        boolean primary,
        boolean valid,
        @Nullable String constraint,
        boolean needed,
        boolean partitioned,
        long bytes,
        long scans) {

    /** Whether it is there for more than to be found by: dropping it would change what the table allows. */
    boolean isRule() {
        return unique || constraint != null || needed;
    }

    boolean isBtree() {
        return method.equals("btree");
    }

    /** Whether both hold the same, and queries could use either. */
    boolean holdsSameAs(IndexFacts other) {
        return method.equals(other.method)
                && keys.equals(other.keys)
                && shape.equals(other.shape)
                && included.equals(other.included)
                && expressions.equals(other.expressions);
    }

    /** Whether the other one begins as this one, goes on, and holds all its columns: what it finds, the other one finds too. */
    boolean isBeginningOf(IndexFacts other) {
        return isBtree()
                && other.isBtree()
                && expressions.isEmpty()
                && other.expressions.isEmpty()
                && keys.size() < other.keys.size()
                && other.keys.subList(0, keys.size()).equals(keys)
                && other.shape.subList(0, keys.size()).equals(shape)
                && (other.keys.containsAll(included) || other.included.containsAll(included));
    }

    /** Whether it begins with just these columns, in any order. */
    boolean leadsWith(List<String> columns) {
        return keys.size() >= columns.size()
                && keys.subList(0, columns.size()).containsAll(columns)
                && !keys.subList(0, columns.size()).contains("");
    }

    String words() {
        return index + " (" + Bytes.of(bytes) + ", " + scans + " scans)";
    }

    /** What drops it. A partitioned one cannot be dropped beside the work. */
    String drop() {
        if (constraint != null) {
            return "ALTER TABLE " + table.quoted() + " DROP CONSTRAINT " + constraint + ";";
        }
        return "DROP INDEX " + (partitioned ? "" : "CONCURRENTLY ") + index.quoted() + ";";
    }
}
