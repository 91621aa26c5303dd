package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.TableArchive;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks after the partitions of tables: what is missing is made, what is too old is taken out, and what is odd is said. */
public final class PartitionUpkeep {

    private final Database database;
    private final Database testServer;
    private final BackupSettings backups;
    private final Clock clock;
    private final Work work;
    private Duration clockTolerance = Duration.ofHours(1);

    /** @param testServer on whose server archives are restored to compare them */
    public PartitionUpkeep(Database database, Database testServer, BackupSettings backups, Clock clock, Work work) {
        this.database = database;
        this.testServer = testServer;
        this.backups = backups;
        this.clock = clock;
        this.work = work;
    }

    /** Of a test that lives in another time than the server. */
    PartitionUpkeep trustingItsClock() {
        clockTolerance = Duration.ofDays(100_000);
        return this;
    }

    /**
     * Does what is due. What fails for one table is done for the others all the same; it is in the result.
     *
     * @throws OperatorException when a name is no partitioned table, or the role may not see what it must
     */
    public UpkeepResult run(UpkeepPlan plan) throws SQLException {
        List<TableUpkeep> done = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>();
        try (Session session = database.open(work)) {
            Situation situation = Situation.read(session, plan);
            int reached = 0;
            for (PartitionedTable table : situation.tables()) {
                work.progress(new Progress(
                        database.name(),
                        "partitions",
                        reached++,
                        situation.tables().size(),
                        0));
                TableJob job = new TableJob(session, table, plan, this::archive, this::requireClock, clock.instant());
                attempt(job, situation, plan, failures);
                done.add(job.result());
            }
            work.progress(Progress.finished(database.name()));
        }
        return new UpkeepResult(done, failures);
    }

    private void attempt(TableJob job, Situation situation, UpkeepPlan plan, List<TableFailure> failures)
            throws SQLException {
        PartitionedTable table = job.table();
        if (situation.partman().contains(table.name())) {
            job.skip("pg_partman looks after it");
            return;
        }
        try {
            Due.requirePeriod(table, plan);
        } catch (OperatorException e) {
            if (situation.isNamed(plan, table.name())) {
                failures.add(new TableFailure(table.name(), e));
            }
            job.skip(String.valueOf(e.getMessage()));
            return;
        }
        try {
            requireRights(table);
            job.run(situation.records(table.name()), situation.mayHoldRows(table));
        } catch (OperatorException e) {
            failures.add(new TableFailure(table.name(), e));
        } catch (SQLException e) {
            if (FailureClass.of(e) != FailureClass.PERMANENT) {
                throw e;
            }
            failures.add(new TableFailure(table.name(), e));
        }
        job.failures().forEach(e -> failures.add(new TableFailure(table.name(), e)));
    }

    private TableArchive archive() {
        return new TableArchive(database, testServer, backups, work);
    }

    private void requireRights(PartitionedTable table) {
        String user = Identifiers.quote(database.settings().user());
        if (!table.owned()) {
            throw new OperatorException(
                    "role " + user + " may not change " + table.name() + " in database '" + database.name()
                            + "', which belongs to " + Identifiers.quote(table.owner()),
                    "GRANT " + Identifiers.quote(table.owner()) + " TO " + user + ";");
        }
        if (!table.mayCreate()) {
            throw new OperatorException(
                    "role " + user + " may not make tables in schema "
                            + Identifiers.quote(table.name().schema()) + " of database '" + database.name() + "'",
                    "GRANT CREATE ON SCHEMA " + Identifiers.quote(table.name().schema()) + " TO " + user + ";");
        }
    }

    /** A host whose clock is years ahead would find everything too old. */
    private void requireClock(Session session) throws SQLException {
        Instant there = session.one(
                "select extract(epoch from clock_timestamp())::bigint", row -> Instant.ofEpochSecond(row.getLong(1)));
        Instant here = clock.instant();
        if (Duration.between(there, here).abs().compareTo(clockTolerance) > 0) {
            throw new OperatorException(
                    "this host's clock says " + here + " and the server of '" + database.name() + "' says " + there
                            + ", so that nothing is taken for too old",
                    "set the clocks; timedatectl says whether this host's is kept right.");
        }
    }

    /**
     * What all tables are read for at once, so that a thousand of them cost a few statements.
     *
     * @param tables with their partitions
     * @param partman those that pg_partman looks after
     * @param unfinished by their partitioned table
     * @param filled default partitions that hold rows, or may
     */
    private record Situation(
            List<PartitionedTable> tables,
            Set<TableName> partman,
            Map<TableName, List<RetirementRecord>> unfinished,
            Set<TableName> filled) {

        static Situation read(Session session, UpkeepPlan plan) throws SQLException {
            PartitionCatalogue.pin(session);
            List<PartitionedTable> tables =
                    PartitionCatalogue.withPartitions(session, PartitionCatalogue.find(session, plan.tables()));
            Map<TableName, List<RetirementRecord>> unfinished = new HashMap<>();
            for (RetirementRecord record : new RetirementLedger(session).all()) {
                unfinished
                        .computeIfAbsent(record.parent(), parent -> new ArrayList<>())
                        .add(record);
            }
            List<TableName> defaults = tables.stream()
                    .filter(PartitionedTable::owned)
                    .flatMap(table -> table.defaultPartition().stream())
                    .map(Partition::name)
                    .toList();
            return new Situation(
                    tables, PartmanTables.read(session), unfinished, DefaultRows.nonEmpty(session, defaults));
        }

        List<RetirementRecord> records(TableName table) {
            return unfinished.getOrDefault(table, List.of());
        }

        boolean mayHoldRows(PartitionedTable table) {
            return table.defaultPartition().map(p -> filled.contains(p.name())).orElse(false);
        }

        boolean isNamed(UpkeepPlan plan, TableName table) {
            return plan.tables().stream()
                    .map(TablePattern::parse)
                    .anyMatch(pattern -> pattern.isName() && pattern.matches(table));
        }
    }

    /** What {@link #run} would do, with locks. Changes nothing. */
    public List<PlannedAction> describe(UpkeepPlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        try (Session session = database.open(work)) {
            Situation situation = Situation.read(session, plan);
            if (situation.tables().isEmpty()) {
                actions.add(new PlannedAction(
                        database.name(), "-- no table of these is partitioned", LockLevel.NONE, -1, -1, ""));
            }
            for (PartitionedTable table : situation.tables()) {
                if (situation.partman().contains(table.name())) {
                    actions.add(note(table, "is left alone: pg_partman looks after it"));
                    continue;
                }
                try {
                    requireRights(table);
                    actions.addAll(new TableForecast(session, table, plan, this::archive, clock.instant())
                            .describe(situation.records(table.name()), situation.mayHoldRows(table)));
                } catch (OperatorException e) {
                    if (situation.isNamed(plan, table.name())) {
                        throw e;
                    }
                    actions.add(note(table, "is left alone: " + e.getMessage()));
                }
            }
        }
        return actions;
    }

    private PlannedAction note(PartitionedTable table, String words) {
        return new PlannedAction(database.name(), "-- " + table.name() + " " + words, LockLevel.NONE, -1, -1, "");
    }

    static ReviewFinding warning(String code, String message, String remedy) {
        return new ReviewFinding(code, ReviewStatus.WARN, message, remedy);
    }
}
