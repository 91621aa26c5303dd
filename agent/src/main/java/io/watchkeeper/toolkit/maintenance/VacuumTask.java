package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One table that a plan means.
 *
 * @param need why it is vacuumed; null when it is not due
 * @param notDue why it is not; empty when it is
 */
record VacuumTask(TableStatistics table, @Nullable VacuumNeed need, String notDue) {

    private static final Comparator<VacuumTask> LARGEST_NEED_FIRST = Comparator.comparing(
                    VacuumTask::need,
                    Comparator.nullsLast(Comparator.comparing(VacuumNeed::urgency)
                            .thenComparing(VacuumNeed::weight, Comparator.reverseOrder())))
            .thenComparing(task -> task.table().table());

    /** Every table of the plan, largest need first, those that are not due at the end. Partitioned tables stand for their partitions. */
    static List<VacuumTask> of(Session session, ServerFacts server, VacuumPlan plan) throws SQLException {
        List<TableName> named = MaintainedTables.resolve(session, plan.tables());
        List<VacuumTask> tasks = new ArrayList<>();
        for (TableStatistics table : TableStatistics.read(session, server, named)) {
            if (!table.partitioned()) {
                Optional<VacuumNeed> need = VacuumNeed.of(table, plan.when(), server);
                tasks.add(new VacuumTask(
                        table, need.orElse(null), need.isPresent() ? "" : VacuumNeed.notDue(table, plan.when())));
            }
        }
        tasks.sort(LARGEST_NEED_FIRST);
        return tasks;
    }

    TableName name() {
        return table.table();
    }
}
