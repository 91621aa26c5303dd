package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.TableArchive;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Says what the upkeep of one table's partitions would do. Changes nothing. */
final class TableForecast {

    private final Session session;
    private final PartitionedTable table;
    private final UpkeepPlan plan;
    private final Supplier<TableArchive> archive;
    private final Instant now;
    private final List<PlannedAction> actions = new ArrayList<>();

    TableForecast(
            Session session, PartitionedTable table, UpkeepPlan plan, Supplier<TableArchive> archive, Instant now) {
        this.session = session;
        this.table = table;
        this.plan = plan;
        this.archive = archive;
        this.now = now;
    }

    /** @throws OperatorException when it would fail at once */
    List<PlannedAction> describe(List<RetirementRecord> unfinished, boolean rowsInDefault) throws SQLException {
        Due.requirePeriod(table, plan);
        Due due = Due.of(table, plan, now);
        for (RetirementRecord record : unfinished) {
            Retention action = record.action().gentler(plan.action());
            add("-- finish: " + action + " " + record.name(), LockLevel.NONE, -1, -1, "begun by an earlier run");
        }
        table.partitions().stream()
                .filter(Partition::pending)
                .forEach(p -> add(
                        Retirement.detachment(table, p).replace(" CONCURRENTLY", "") + " FINALIZE",
                        LockLevel.SHARE_UPDATE_EXCLUSIVE,
                        -1,
                        -1,
                        "its detaching was begun and not finished"));
        describeNew(due, rowsInDefault);
        describeOld(due);
        return actions;
    }

    private void describeNew(Due byClock, boolean rowsInDefault) throws SQLException {
        Due due = byClock;
        DefaultRows.Counts rows = new DefaultRows.Counts(Map.of(), 0);
        if (rowsInDefault && table.defaultPartition().isPresent()) {
            rows = DefaultRows.count(session, table.defaultPartition().get().name(), table.column(), due.calendar());
            due = due.withPeriodsOf(rows, table.spans());
        }
        if (due.missing().isEmpty()) {
            return;
        }
        due.requireFew(table);
        PartitionMaker maker = PartitionMaker.read(session, table, plan);
        for (Span piece : due.missing()) {
            PartitionMaker.Recipe recipe = maker.recipe(piece, due.calendar().suffix(piece.from()));
            long inTheWay = rows.in(piece);
            String note = inTheWay == 0
                    ? waits()
                    : plan.moveDefaultRows()
                            ? moving(inTheWay)
                            : "cannot be made: " + inTheWay + " of its rows are in the default partition";
            add(
                    String.join(";\n", recipe.all()) + ";",
                    table.defaultPartition().isPresent()
                            ? LockLevel.ACCESS_EXCLUSIVE
                            : LockLevel.SHARE_UPDATE_EXCLUSIVE,
                    inTheWay,
                    -1,
                    note
                            + (table.defaultPartition().isPresent()
                                    ? "; the strong lock is on the default partition"
                                    : ""));
        }
    }

    private String moving(long rows) throws SQLException {
        try {
            DefaultRows.requireMovable(
                    session, table, table.defaultPartition().orElseThrow().name());
        } catch (OperatorException e) {
            return "cannot be made: " + e.getMessage();
        }
        return rows + " rows of the default partition are moved into it, at most " + plan.batch()
                + " in one transaction and partition; " + waits();
    }

    private void describeOld(Due due) throws SQLException {
        if (due.old().isEmpty()) {
            return;
        }
        if (due.old().size() > plan.maxDrops()) {
            throw TableJob.tooMany(table, due.old(), plan);
        }
        if (plan.action() == Retention.ARCHIVE) {
            archive.get().require();
        }
        boolean byDefault = table.defaultPartition().isPresent();
        for (Partition partition : due.old()) {
            add(
                    Retirement.detachment(table, partition),
                    byDefault ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.SHARE_UPDATE_EXCLUSIVE,
                    partition.rows(),
                    partition.bytes(),
                    waits());
            if (plan.action() == Retention.ARCHIVE) {
                add(
                        "pg_dump --table=" + partition.name().quoted(),
                        LockLevel.ACCESS_SHARE,
                        partition.rows(),
                        partition.bytes(),
                        "into the archive, restored beside and compared; only then the table is dropped");
            }
            if (plan.action() != Retention.DETACH) {
                add(
                        "DROP TABLE " + partition.name().quoted(),
                        LockLevel.ACCESS_EXCLUSIVE,
                        partition.rows(),
                        partition.bytes(),
                        "of the detached table alone");
            }
        }
    }

    private String waits() {
        return "waits at most " + DurationText.say(plan.lockTimeout()) + " for locks, " + plan.attempts() + " times";
    }

    private void add(String sql, LockLevel lock, long rows, long bytes, String note) {
        actions.add(new PlannedAction(session.database().name(), sql, lock, rows, bytes, note));
    }
}
