package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs ANALYZE table by table; a partitioned table's with its partitions'. */
public final class Analyze {

    private final Database database;
    private final Work work;

    public Analyze(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Analyzes. A table that is in use or not the role's to analyze does not stop the others; it is in the result.
     *
     * @throws io.watchkeeper.problem.OperatorException when a named table does not exist
     */
    public AnalyzeResult run(AnalyzePlan plan) throws SQLException {
        List<AnalyzedTable> done = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>();
        try (Session session = database.open(work)) {
            session.lockTimeout(plan.lockTimeout());
            for (TableStatistics table : tables(session, plan)) {
                work.progress(new Progress(table.table().toString(), "analyze", 0, table.rows(), 0));
                long start = System.nanoTime();
                if (MaintainedTables.attempt(
                        session, table.table(), failures, () -> MaintainedTables.execute(session, sql(table)))) {
                    Duration duration = Duration.ofNanos(System.nanoTime() - start);
                    done.add(new AnalyzedTable(table.table(), database.name(), -1, duration));
                }
                work.progress(Progress.finished(table.table().toString()));
            }
            return new AnalyzeResult(withEstimates(session, done), failures);
        }
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(AnalyzePlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            return tables(session, plan).stream()
                    .map(table -> new PlannedAction(
                            database.name(),
                            sql(table),
                            LockLevel.SHARE_UPDATE_EXCLUSIVE,
                            table.rows(),
                            table.bytes(),
                            "reads a sample; waits at most " + DurationText.say(plan.lockTimeout()) + " for the table"))
                    .toList();
        }
    }

    private static List<TableStatistics> tables(Session session, AnalyzePlan plan) throws SQLException {
        return TableStatistics.read(session, MaintainedTables.resolve(session, plan.tables()));
    }

    private List<AnalyzedTable> withEstimates(Session session, List<AnalyzedTable> done) throws SQLException {
        List<TableStatistics> now = TableStatistics.read(
                session, done.stream().map(AnalyzedTable::table).toList());
        List<AnalyzedTable> result = new ArrayList<>();
        for (AnalyzedTable one : done) {
            long rows = now.stream()
                    .filter(s -> s.table().equals(one.table()))
                    .mapToLong(TableStatistics::rows)
                    .findFirst()
                    .orElse(-1);
            result.add(new AnalyzedTable(one.table(), one.database(), rows, one.duration()));
        }
        return result;
    }

    private static String sql(TableStatistics table) {
        return "ANALYZE " + table.table().quoted();
    }
}
