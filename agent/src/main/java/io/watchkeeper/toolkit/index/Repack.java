package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes tables anew with their indexes, by the program pg_repack: for tables that are bloated themselves. It copies beside the work, keeps up
 * by a trigger, and locks the table against everything twice, for a moment.
 */
final class Repack {

    /** Its words when it has left a table as it was, which is no failure to it. */
    private static final String PASSED_OVER = "skipping repack";

    private static final int ALL = 100_000;
    private static final int MEASURED = 50;

    private static final String FACTS = """
            select c.oid::bigint, pg_total_relation_size(c.oid),
                   exists (select from repack.primary_keys k where k.indrelid = c.oid)
              from pg_class c where c.oid = ?::regclass""";

    private final Database database;
    private final Work work;
    private final ReindexPlan plan;
    private final Room room;
    private final @Nullable Path bin;

    Repack(Database database, Work work, ReindexPlan plan, Room room, @Nullable Path bin) {
        this.database = database;
        this.work = work;
        this.plan = plan;
        this.room = room;
        this.bin = bin;
    }

    /** What the catalogue says of one. @param hasKey whether pg_repack can tell its rows apart */
    private record Facts(long id, long bytes, boolean hasKey) {}

    /** A table that is due. */
    private record Due(TableName table, long id, long bytes, String reason) {}

    ReindexResult run(List<TableName> tables, Map<String, String> skipped) throws SQLException {
        long start = System.nanoTime();
        List<Due> due;
        Path program;
        try (Session session = database.open(work)) {
            program = RepackProgram.require(session, bin);
            due = choose(session, tables, skipped);
        }
        List<RepackedTable> done = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>();
        for (Due table : due) {
            if (plan.isOver(start)) {
                skipped.put(table.table().toString(), ReindexPlan.OVER);
                continue;
            }
            try {
                Optional<RepackedTable> repacked = one(program, table);
                repacked.ifPresent(done::add);
                if (repacked.isEmpty()) {
                    skipped.put(table.table().toString(), "another agent works on it");
                }
            } catch (OperatorException e) {
                failures.add(new TableFailure(table.table(), e));
            }
        }
        return new ReindexResult(database.name(), tables.size(), List.of(), done, skipped, List.of(), failures);
    }

    List<PlannedAction> describe(List<TableName> tables, Map<String, String> skipped) throws SQLException {
        try (Session session = database.open(work)) {
            Path program = RepackProgram.require(session, bin);
            List<PlannedAction> actions = new ArrayList<>();
            for (Due due : choose(session, tables, skipped)) {
                PgCommand command =
                        RepackProgram.command(program, session, due.table().quoted(), plan, work);
                actions.add(new PlannedAction(
                        database.name(),
                        command.text(),
                        LockLevel.ACCESS_EXCLUSIVE,
                        -1,
                        due.bytes(),
                        due.reason() + "; locks the table twice, for a moment, waiting at most a second at a time; "
                                + room.words(session, due.id(), new Bytes(due.bytes()))));
            }
            skipped.forEach((name, reason) -> actions.add(
                    new PlannedAction(database.name(), "-- " + name, LockLevel.NONE, -1, -1, "skipped: " + reason)));
            return actions;
        }
    }

    private List<Due> choose(Session session, List<TableName> tables, Map<String, String> skipped) throws SQLException {
        BloatReader reader = new BloatReader(session);
        Map<TableName, String> reasons = new LinkedHashMap<>();
        for (TableBloat table : reader.measureTables(reader.tables(tables, plan.least(), ALL), MEASURED)) {
            Ratio limit = plan.whenBloat();
            Ratio bloat = table.bloat();
            if (limit == null) {
                reasons.put(table.table(), "asked for");
            } else if (bloat != null && bloat.compareTo(limit) >= 0) {
                reasons.put(
                        table.table(),
                        bloat + " of it is empty" + (table.measured() ? "" : ", as statistics estimate"));
            }
        }
        List<Due> due = new ArrayList<>();
        for (Map.Entry<TableName, String> one : reasons.entrySet()) {
            List<Facts> found = session.list(
                    FACTS,
                    row -> new Facts(row.getLong(1), row.getLong(2), row.getBoolean(3)),
                    one.getKey().quoted());
            for (Facts facts : found) {
                if (facts.hasKey()) {
                    due.add(new Due(one.getKey(), facts.id(), facts.bytes(), one.getValue()));
                } else {
                    skipped.put(
                            one.getKey().toString(),
                            "pg_repack needs a primary key, or a unique index of columns that are not null");
                }
            }
        }
        due.sort(Comparator.comparingLong(Due::bytes).reversed());
        return due;
    }

    private Optional<RepackedTable> one(Path program, Due due) throws SQLException {
        long start = System.nanoTime();
        boolean begun = false;
        boolean done = false;
        try (Session session = database.open(work)) {
            RebuildLedger ledger = RebuildLedger.require(session);
            if (!TableTurn.take(session, due.id())) {
                return Optional.empty();
            }
            room.require(session, due.id(), new Bytes(due.bytes()), due.table().toString());
            ledger.add(due.id(), due.table(), RepackSweep.WHAT + due.table());
            begun = true;
            work.progress(Progress.ofBytes(due.table().toString(), "repack", 0, due.bytes()));
            PgCommand command =
                    RepackProgram.command(program, session, due.table().quoted(), plan, work);
            PgCommand.Result result = command.run(work);
            if (result.errors().contains(PASSED_OVER)) {
                throw new OperatorException(
                        due.table() + " of database '" + database.name() + "' was left as it is: "
                                + result.errors()
                                        .lines()
                                        .reduce((first, last) -> last)
                                        .orElse(""),
                        "try again when fewer transactions use it, or raise waitFor.");
            }
            ledger.remove(due.id());
            done = true;
            long after = session.one("select pg_total_relation_size(?::oid)", row -> row.getLong(1), due.id());
            return Optional.of(new RepackedTable(
                    due.table(),
                    database.name(),
                    due.reason(),
                    due.bytes(),
                    after,
                    Duration.ofNanos(System.nanoTime() - start)));
        } finally {
            work.progress(Progress.finished(due.table().toString()));
            if (begun && !done) {
                RebuildSweep.after(database, due.id());
            }
        }
    }
}
