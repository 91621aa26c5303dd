package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One table that a plan means.
 *
 * @param due whether it is to be analyzed
 * @param weight how many rows the statistics are wrong about at most; larger first
 * @param words why it is due or not, with values
 */
record AnalyzeTask(TableStatistics table, boolean due, long weight, String words) {

    /** ANALYZE of a partitioned table does the table first and then one partition after another. */
    private static final double WITH_ITS_ROOT_SECONDS = 3_600;

    private static final Comparator<AnalyzeTask> LARGEST_NEED_FIRST = Comparator.comparing(AnalyzeTask::due)
            .reversed()
            .thenComparing(AnalyzeTask::weight, Comparator.reverseOrder())
            .thenComparing(task -> task.table().table());

    /** Every table of the plan, largest need first, those that are not due at the end. */
    static List<AnalyzeTask> of(Session session, ServerFacts server, AnalyzePlan plan) throws SQLException {
        List<TableName> named = MaintainedTables.resolve(session, plan.tables());
        List<TableStatistics> tables = TableStatistics.read(session, server, named);
        Ratio limit = plan.whenChanged();
        List<AnalyzeTask> tasks = limit == null ? whole(tables) : byChange(tables, limit);
        tasks.sort(LARGEST_NEED_FIRST);
        return tasks;
    }

    TableName name() {
        return table.table();
    }

    /** What was named, whatever has changed: ANALYZE of a partitioned table does its partitions too. */
    private static List<AnalyzeTask> whole(List<TableStatistics> tables) {
        List<AnalyzeTask> tasks = new ArrayList<>();
        for (TableStatistics table : tables) {
            if (table.id() == table.root()) {
                tasks.add(new AnalyzeTask(table, true, 0, ""));
            }
        }
        return tasks;
    }

    /**
     * Autovacuum never analyzes a partitioned table, only its partitions, so that its own statistics age unseen: of such a table what
     * has changed is what was written to partitions, and all rows of those that were analyzed later than it.
     */
    static List<AnalyzeTask> byChange(List<TableStatistics> tables, Ratio limit) {
        Map<Long, Change> ofRoots = new HashMap<>();
        for (TableStatistics table : tables) {
            if (table.partitioned() && table.id() == table.root()) {
                ofRoots.put(table.id(), Change.of(table, tables));
            }
        }
        Set<Long> dueRoots = new HashSet<>();
        List<AnalyzeTask> tasks = new ArrayList<>();
        for (TableStatistics table : tables) {
            Change change = ofRoots.get(table.id());
            if (change != null) {
                AnalyzeTask task = change.task(table, limit);
                tasks.add(task);
                if (task.due()) {
                    dueRoots.add(table.id());
                }
            }
        }
        for (TableStatistics table : tables) {
            if (!table.partitioned() && !dueRoots.contains(table.root())) {
                tasks.add(Change.of(table).task(table, limit));
            }
        }
        return tasks;
    }

    /**
     * How far a table's statistics are from it.
     *
     * @param rows that changed, at most
     * @param all rows by the planner's estimate, or those that were written, if these are more
     */
    private record Change(long rows, long all, boolean everAnalyzed) {

        static Change of(TableStatistics table) {
            return new Change(
                    table.changed(),
                    Math.max(Math.max(0, table.rows()), table.own().live()),
                    table.analyzedAt() > 0 || table.autoAnalyzedAt() > 0 || table.rows() >= 0);
        }

        static Change of(TableStatistics root, List<TableStatistics> tables) {
            long changed = 0;
            long all = 0;
            for (TableStatistics leaf : tables) {
                if (leaf.root() == root.id() && !leaf.partitioned()) {
                    long rows = Math.max(Math.max(0, leaf.rows()), leaf.own().live());
                    changed += isForgotten(leaf, root) ? rows : leaf.changed();
                    all += rows;
                }
            }
            return new Change(changed, all, root.analyzedAt() > 0 || root.rows() >= 0);
        }

        /** Whether what changed in the partition up to its own analyze is counted nowhere any more. */
        private static boolean isForgotten(TableStatistics leaf, TableStatistics root) {
            return leaf.autoAnalyzedAt() > root.analyzedAt()
                    || leaf.analyzedAt() > root.analyzedAt() + WITH_ITS_ROOT_SECONDS;
        }

        AnalyzeTask task(TableStatistics table, Ratio limit) {
            if (!everAnalyzed) {
                return new AnalyzeTask(table, true, Math.max(rows, all), "never analyzed");
            }
            Ratio share = new Ratio(all == 0 ? (rows == 0 ? 0 : 1) : (double) rows / all);
            boolean due = rows > 0 && share.compareTo(limit) >= 0;
            String words = new Ratio(Math.round(share.share() * 1000) / 1000.0) + ": " + VacuumNeed.count(rows)
                    + " rows written since it was analyzed, of " + VacuumNeed.count(all);
            return new AnalyzeTask(table, due, rows, due ? words : words + ", less than " + limit);
        }
    }

    /** Why it is not analyzed; null when it is due. */
    @Nullable
    String notDue() {
        return due ? null : words;
    }
}
