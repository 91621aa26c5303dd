package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.toolkit.backup.TableArchive;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The upkeep of one table's partitions. */
final class TableJob {

    private static final int LEAST_BATCH = 100;

    private final Session session;
    private final UpkeepPlan plan;
    private final PatientLock lock;
    private final Supplier<TableArchive> archive;
    private final ClockCheck clockCheck;
    private final Instant now;
    private final Retirement retirement;
    private final long begun = System.nanoTime();
    private final List<TableName> created = new ArrayList<>();
    private final List<TableName> detached = new ArrayList<>();
    private final List<TableName> archived = new ArrayList<>();
    private final List<String> archives = new ArrayList<>();
    private final List<TableName> dropped = new ArrayList<>();
    private final List<ReviewFinding> findings = new ArrayList<>();
    private final List<OperatorException> failures = new ArrayList<>();
    private PartitionedTable table;
    private @Nullable String skipped;
    private long movedRows;

    /** Refuses when this host and the server live in different times. */
    @FunctionalInterface
    interface ClockCheck {
        void require(Session session) throws SQLException;
    }

    TableJob(
            Session session,
            PartitionedTable table,
            UpkeepPlan plan,
            Supplier<TableArchive> archive,
            ClockCheck clockCheck,
            Instant now) {
        this.session = session;
        this.table = table;
        this.plan = plan;
        this.lock = plan.lock();
        this.archive = archive;
        this.clockCheck = clockCheck;
        this.now = now;
        this.retirement = new Retirement(session, lock, archive);
    }

    PartitionedTable table() {
        return table;
    }

    void skip(String why) {
        skipped = why;
    }

    /** What could not be done beside what was. */
    List<OperatorException> failures() {
        return failures;
    }

    TableUpkeep result() {
        return new TableUpkeep(
                table.name(),
                session.database().name(),
                skipped,
                created,
                detached,
                archived,
                archives,
                dropped,
                movedRows,
                findings,
                Duration.ofNanos(System.nanoTime() - begun));
    }

    /** Sends nothing to the server when nothing is due. @param rowsInDefault whether the default partition may hold rows */
    void run(List<RetirementRecord> unfinished, boolean rowsInDefault) throws SQLException {
        boolean pending = table.partitions().stream().anyMatch(Partition::pending);
        if (unfinished.isEmpty()
                && !pending
                && !rowsInDefault
                && Due.of(table, plan, now).isNothing()) {
            sayEndless();
            return;
        }
        takeTurn();
        try {
            finishWhatWasBegun();
            table = PartitionCatalogue.withPartitions(session, table);
            makeMissing(rowsInDefault);
            retireOld();
            sayEndless();
        } finally {
            giveTurnBack();
        }
    }

    private void takeTurn() throws SQLException {
        boolean mine = session.one(
                "select pg_try_advisory_lock(hashtext('watchkeeper partitions'), hashtext(?))",
                row -> row.getBoolean(1),
                table.name().quoted());
        if (!mine) {
            throw new OperatorException(
                    "another agent or run looks after the partitions of " + table.name() + " right now",
                    "try again when it is done.");
        }
    }

    private void giveTurnBack() throws SQLException {
        if (session.isUsable()) {
            session.query(
                    "select pg_advisory_unlock(hashtext('watchkeeper partitions'), hashtext(?))",
                    table.name().quoted());
        }
    }

    private void finishWhatWasBegun() throws SQLException {
        for (RetirementRecord record : new RetirementLedger(session).of(table.name())) {
            failing(() -> retire(record));
        }
        for (Partition partition :
                PartitionCatalogue.withPartitions(session, table).partitions()) {
            if (partition.pending()) {
                failing(() -> {
                    retirement.finalizeDetaching(table.name(), partition.name());
                    detached.add(partition.name());
                });
            }
        }
    }

    private void makeMissing(boolean rowsInDefault) throws SQLException {
        Due due = Due.of(table, plan, now);
        Optional<Partition> byDefault = rowsInDefault ? table.defaultPartition() : Optional.empty();
        DefaultRows.Counts rows = new DefaultRows.Counts(Map.of(), 0);
        if (byDefault.isPresent()) {
            rows = count(byDefault.get(), due.calendar());
            due = due.withPeriodsOf(rows, table.spans());
            sayStrays(byDefault.get(), rows, due);
        }
        if (due.missing().isEmpty()) {
            return;
        }
        due.requireFew(table);
        PartitionMaker maker = PartitionMaker.read(session, table, plan);
        int made = 0;
        for (Span piece : due.missing()) {
            session.work()
                    .progress(new Progress(
                            table.name().toString(),
                            "make",
                            made++,
                            due.missing().size(),
                            0));
            boolean inTheWay = rows.in(piece) > 0;
            PartitionCalendar calendar = due.calendar();
            long count = rows.in(piece);
            failing(() -> {
                if (!inTheWay) {
                    make(maker, piece, calendar);
                } else if (plan.moveDefaultRows()) {
                    moveInto(maker, piece, calendar, byDefault.orElseThrow().name());
                } else {
                    throw blocked(byDefault.orElseThrow(), piece, calendar.type(), count);
                }
            });
        }
    }

    private DefaultRows.Counts count(Partition byDefault, PartitionCalendar calendar) throws SQLException {
        try {
            return DefaultRows.count(session, byDefault.name(), table.column(), calendar);
        } catch (SQLException e) {
            if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw DefaultRows.unreadable(
                        byDefault.name(), session.database().settings().user(), e);
            }
            throw e;
        }
    }

    private static OperatorException blocked(Partition byDefault, Span piece, KeyType type, long rows) {
        return new OperatorException(
                "the partition from " + type.text(piece.from()) + " to " + type.text(piece.to()) + " cannot be made: "
                        + rows + " of its rows are in the default partition " + byDefault.name(),
                "say 'moveDefaultRows true' to have them moved into it.");
    }

    private void make(PartitionMaker maker, Span piece, PartitionCalendar calendar) throws SQLException {
        PartitionMaker.Recipe recipe = maker.recipe(piece, calendar.suffix(piece.from()));
        try {
            lock.transaction(session, locked(), () -> {
                maker.make(recipe, partition -> {});
                return true;
            });
        } catch (SQLException e) {
            throw explained(e, piece, calendar.type());
        }
        created.add(recipe.name());
    }

    private List<TableName> locked() {
        List<TableName> names = new ArrayList<>(List.of(table.name()));
        table.defaultPartition().ifPresent(p -> names.add(p.name()));
        return names;
    }

    private OperatorException explained(SQLException e, Span piece, KeyType type) throws SQLException {
        String which = "the partition of " + table.name() + " from " + type.text(piece.from()) + " to "
                + type.text(piece.to()) + " was not made: " + e.getMessage();
        if (DefaultRows.isInTheWay(e)) {
            return new OperatorException(
                    which, "rows of it came into the default partition just now; the next run tells.", e);
        }
        if (FailureClass.of(e) != FailureClass.PERMANENT) {
            throw e;
        }
        return new OperatorException(which, null, e);
    }

    /**
     * Rows and partition appear in one transaction, so that a row is never missing from the table. A piece with too many rows for the
     * second that others may wait becomes several partitions.
     */
    private void moveInto(PartitionMaker maker, Span piece, PartitionCalendar calendar, TableName from)
            throws SQLException {
        DefaultRows.requireMovable(session, table, from);
        KeyType type = calendar.type();
        int batch = plan.batch();
        LocalDateTime begin = piece.from();
        while (begin.isBefore(piece.to())) {
            Span rest = new Span(begin, piece.to());
            LocalDateTime cut = DefaultRows.cut(session, from, table.column(), type, rest, batch);
            Span part = new Span(begin, type == KeyType.DATE ? cut.toLocalDate().atStartOfDay() : cut);
            PartitionMaker.Recipe recipe = maker.recipe(part, calendar.suffix(part.from()));
            PatientLock patience = batch > LEAST_BATCH ? new PatientLock(lock.patience(), 3) : lock;
            try {
                movedRows += patience.transaction(session, locked(), () -> {
                    long[] moved = new long[1];
                    maker.make(recipe, partition -> {
                        moved[0] = DefaultRows.move(session, from, partition, table.column(), type, part);
                    });
                    return moved[0];
                });
            } catch (OperatorException e) {
                // Perhaps it was not the lock but the second: fewer rows take less.
                if (batch <= LEAST_BATCH) {
                    throw e;
                }
                batch = Math.max(LEAST_BATCH, batch / 4);
                continue;
            } catch (SQLException e) {
                throw explained(e, part, type);
            }
            created.add(recipe.name());
            begin = part.to();
        }
    }

    private void retireOld() throws SQLException {
        table = PartitionCatalogue.withPartitions(session, table);
        List<Partition> old = Due.of(table, plan, now).old();
        if (old.isEmpty()) {
            return;
        }
        clockCheck.require(session);
        if (old.size() > plan.maxDrops()) {
            throw tooMany(table, old, plan);
        }
        if (plan.action() == Retention.ARCHIVE) {
            archive.get().require();
        }
        for (Partition partition : old) {
            failing(() -> retire(retirement.detach(table, partition, plan.action())));
        }
    }

    static OperatorException tooMany(PartitionedTable table, List<Partition> old, UpkeepPlan plan) {
        return new OperatorException(
                old.size() + " partitions of " + table.name() + " are too old, from "
                        + old.get(0).name() + " to "
                        + old.get(old.size() - 1).name() + ", and 'maxDrops' allows " + plan.maxDrops()
                        + ": none of them was touched",
                "if 'retain' is what was meant, say 'maxDrops " + old.size() + "' for one run.");
    }

    private void retire(RetirementRecord record) throws SQLException {
        Optional<Retirement.Outcome> outcome = retirement.finish(record, plan.action());
        if (outcome.isEmpty()) {
            return;
        }
        TableName name = outcome.get().partition();
        switch (outcome.get().done()) {
            case DETACH -> detached.add(name);
            case DROP -> dropped.add(name);
            case ARCHIVE -> {
                archived.add(name);
                archives.add(outcome.get().archive().orElseThrow());
            }
        }
    }

    private void sayStrays(Partition byDefault, DefaultRows.Counts rows, Due due) {
        long strays = rows.byPeriod().entrySet().stream()
                        .filter(e -> due.missing().stream().noneMatch(e.getKey()::overlaps))
                        .mapToLong(Map.Entry::getValue)
                        .sum()
                + rows.outside();
        if (strays > 0) {
            findings.add(PartitionUpkeep.warning(
                    "defaultRows",
                    strays + " rows of " + table.name() + " lie in the default partition " + byDefault.name()
                            + " and belong to no partition that should be there: their " + table.column()
                            + " is null, too old or too far ahead",
                    "SELECT min(" + Identifiers.quote(table.column()) + "), max("
                            + Identifiers.quote(table.column()) + "), count(*) FROM "
                            + byDefault.name().quoted() + ";"));
        }
    }

    private void sayEndless() {
        table.ranges().stream()
                .filter(p -> Objects.requireNonNull(p.span()).to().equals(LocalDateTime.MAX))
                .forEach(p -> findings.add(PartitionUpkeep.warning(
                        "endless",
                        "partition " + p.name() + " of " + table.name()
                                + " holds all time to come, so that none is made after it",
                        Retirement.detachment(table, p) + ";")));
    }

    private void failing(Step step) throws SQLException {
        try {
            step.run();
        } catch (OperatorException e) {
            failures.add(e);
        } catch (SQLException e) {
            if (FailureClass.of(e) != FailureClass.PERMANENT) {
                throw e;
            }
            failures.add(new OperatorException(table.name() + ": " + e.getMessage(), null, e));
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws SQLException;
    }
}
