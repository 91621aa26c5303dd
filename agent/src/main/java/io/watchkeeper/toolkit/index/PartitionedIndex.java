package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what makes an index over partitions beside the work, which PostgreSQL does not do in one statement: for each table that has
 * partitions an index without them, for each partition one that is built CONCURRENTLY, and then each is made part of the one above it. The
 * last of it makes the whole valid; until then no query uses the upper ones. New partitions get theirs by themselves from the start on.
 */
final class PartitionedIndex {

    /**
     * A table below the root.
     *
     * @param level 1 for the root's own partitions
     */
    record Branch(TableName table, TableName parent, boolean leaf, int level) {}

    private static final String MOMENT = "SET lock_timeout = '2s';";

    private final TableName root;
    private final List<Branch> branches;
    private final IndexNames names;

    PartitionedIndex(TableName root, List<Branch> branches, IndexNames names) {
        this.root = root;
        this.branches =
                branches.stream().sorted(Comparator.comparingInt(Branch::level)).toList();
        this.names = names;
    }

    /**
     * The statements, a line each, for one session; none of them may stand in a transaction block. What takes a moment gives up rather than
     * keep others waiting behind it, and may be run again from its line on; what waits for others to end, and holds nobody up, may wait.
     *
     * @param kind {@code CREATE INDEX} or {@code CREATE UNIQUE INDEX}
     * @param columns after which the indexes are named
     * @param what stands after the table's name
     */
    String script(String kind, List<String> columns, String what) {
        IndexName whole = names.free(root, columns);
        Map<TableName, IndexName> made = new HashMap<>(Map.of(root, whole));
        List<String> frame = new ArrayList<>();
        List<String> leaves = new ArrayList<>();
        List<String> attached = new ArrayList<>();
        frame.add(kind + " " + whole.unqualified() + " ON ONLY " + root.quoted() + " " + what + ";");
        for (Branch branch : branches) {
            IndexName name = names.free(branch.table(), columns);
            made.put(branch.table(), name);
            String on = name.unqualified() + " ON " + (branch.leaf() ? "" : "ONLY ")
                    + branch.table().quoted();
            (branch.leaf() ? leaves : frame)
                    .add(kind + (branch.leaf() ? " CONCURRENTLY " : " ") + on + " " + what + ";");
            // The deepest first: what is attached has to be valid by then, or the one above never becomes it.
            attached.add(
                    0,
                    "ALTER INDEX " + made.getOrDefault(branch.parent(), whole).quoted() + " ATTACH PARTITION "
                            + name.quoted() + ";");
        }
        List<String> lines = new ArrayList<>(List.of(MOMENT));
        lines.addAll(frame);
        lines.add("SET lock_timeout = 0;");
        lines.addAll(leaves);
        lines.add(MOMENT);
        lines.addAll(attached);
        return String.join("\n", lines);
    }
}
