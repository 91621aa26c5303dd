package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs VACUUM table by table. A partitioned table's partitions are vacuumed one by one. */
public final class Vacuum {

    private final Database database;
    private final Work work;

    public Vacuum(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Vacuums. A table that is in use or not the role's to vacuum does not stop the others; it is in the result.
     *
     * @throws io.watchkeeper.problem.OperatorException when a named table does not exist
     */
    public VacuumResult run(VacuumPlan plan) throws SQLException {
        List<VacuumedTable> done = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>();
        try (Session session = database.open(work)) {
            session.lockTimeout(plan.lockTimeout());
            if (plan.costLimit() != null) {
                // The limit does nothing while the delay is zero, as it is for manual VACUUM.
                session.query(
                        "select set_config('vacuum_cost_delay', '2ms', false), set_config('vacuum_cost_limit', ?, false)",
                        plan.costLimit().toString());
            }
            for (TableStatistics table : tables(session, plan)) {
                String reason = reasonToSkip(plan, table);
                if (reason != null) {
                    done.add(skipped(table, reason));
                } else {
                    vacuum(session, plan, table, done, failures);
                }
            }
        }
        return new VacuumResult(done, failures);
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(VacuumPlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        try (Session session = database.open(work)) {
            for (TableStatistics table : tables(session, plan)) {
                String reason = reasonToSkip(plan, table);
                LockLevel lock = plan.full() ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.SHARE_UPDATE_EXCLUSIVE;
                actions.add(new PlannedAction(
                        database.name(),
                        sql(plan, table.table()),
                        reason == null ? lock : LockLevel.NONE,
                        table.rows(),
                        table.bytes(),
                        reason == null
                                ? "waits at most " + DurationText.say(plan.lockTimeout()) + " for the table"
                                : "skipped: " + reason));
            }
        }
        return actions;
    }

    private List<TableStatistics> tables(Session session, VacuumPlan plan) throws SQLException {
        Map<TableName, TableShape> shapes =
                TableShape.readAll(session, MaintainedTables.resolve(session, plan.tables()));
        List<TableName> names = new ArrayList<>();
        for (TableShape shape : shapes.values()) {
            if (shape.isPartitioned()) {
                shape.leaves().stream()
                        .filter(leaf -> leaf.kind() == TableShape.Kind.TABLE)
                        .forEach(leaf -> names.add(leaf.name()));
            } else {
                names.add(shape.name());
            }
        }
        return TableStatistics.read(session, names);
    }

    private static @Nullable String reasonToSkip(VacuumPlan plan, TableStatistics table) {
        if (plan.whenDeadTuples() == null || table.deadShare().compareTo(plan.whenDeadTuples()) >= 0) {
            return null;
        }
        return table.deadShare() + " of its rows are dead, less than " + plan.whenDeadTuples();
    }

    private VacuumedTable skipped(TableStatistics table, String reason) {
        return new VacuumedTable(
                table.table(), database.name(), reason, table.deadTuples(), table.deadTuples(), 0, Duration.ZERO);
    }

    private void vacuum(
            Session session,
            VacuumPlan plan,
            TableStatistics table,
            List<VacuumedTable> done,
            List<TableFailure> failures)
            throws SQLException {
        work.progress(new Progress(table.table().toString(), "vacuum", 0, table.rows(), 0));
        long[] sizes = new long[2];
        long start = System.nanoTime();
        boolean worked = MaintainedTables.attempt(session, table.table(), failures, () -> {
            sizes[0] = TableStatistics.size(session, table.table());
            List<String> warnings = MaintainedTables.execute(session, sql(plan, table.table()));
            sizes[1] = TableStatistics.size(session, table.table());
            return warnings;
        });
        work.progress(Progress.finished(table.table().toString()));
        if (!worked) {
            return;
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        long deadAfter = deadTuples(session, table.table());
        if (deadAfter > 0 && deadAfter == table.deadTuples()) {
            // PostgreSQL 14 counts in a process of its own, which may be half a second behind.
            session.query("select pg_sleep(0.6)");
            deadAfter = deadTuples(session, table.table());
        }
        done.add(new VacuumedTable(
                table.table(),
                database.name(),
                null,
                table.deadTuples(),
                deadAfter,
                Math.max(0, sizes[0] - sizes[1]),
                duration));
    }

    private static long deadTuples(Session session, TableName table) throws SQLException {
        return TableStatistics.read(session, List.of(table)).stream()
                .mapToLong(TableStatistics::deadTuples)
                .sum();
    }

    private static String sql(VacuumPlan plan, TableName table) {
        List<String> options = new ArrayList<>();
        if (plan.full()) {
            options.add("FULL");
        }
        if (plan.freeze()) {
            options.add("FREEZE");
        }
        if (plan.analyze()) {
            options.add("ANALYZE");
        }
        if (plan.parallel() != null && !plan.full()) {
            options.add("PARALLEL " + plan.parallel());
        }
        return "VACUUM " + (options.isEmpty() ? "" : "(" + String.join(", ", options) + ") ") + table.quoted();
    }
}
