package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs ANALYZE table by table, the largest need first, as long as the time lasts; a partitioned table's with its partitions'. */
public final class Analyze {

    private static final Duration BRIEFLY = Duration.ofMillis(200);

    private final Database database;
    private final Work work;
    private final Clock clock;

    public Analyze(Database database, Work work, Clock clock) {
        this.database = database;
        this.work = work;
        this.clock = clock;
    }

    /**
     * Analyzes. A table that is in use or not the role's to analyze does not stop the others; it is in the result.
     *
     * @throws OperatorException when a named table does not exist, or the server is a standby
     */
    public AnalyzeResult run(AnalyzePlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            ServerFacts server = ServerFacts.read(session);
            server.requirePrimary(session, "ANALYZE");
            List<AnalyzeTask> tasks = AnalyzeTask.of(session, server, plan);
            session.lockTimeout(plan.skipLocked() ? BRIEFLY : plan.lockTimeout());
            try (ServerProgress progress = new ServerProgress(database, work, server.pid())) {
                return run(session, server, plan, tasks, progress);
            }
        }
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(AnalyzePlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        try (Session session = database.open(work)) {
            ServerFacts server = ServerFacts.read(session);
            server.requirePrimary(session, "ANALYZE");
            Optional<String> closed = plan.time().closedAt(clock.instant());
            for (AnalyzeTask task : AnalyzeTask.of(session, server, plan)) {
                String refused = refusal(session, task, closed);
                String wait = plan.skipLocked()
                        ? "skipped if it is in use"
                        : "waits at most " + DurationText.say(plan.lockTimeout()) + " for the table";
                String need = task.words().isEmpty() ? "" : task.words() + "; ";
                actions.add(new PlannedAction(
                        database.name(),
                        sql(plan, task.name()),
                        refused.isEmpty() ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.NONE,
                        task.table().rows(),
                        task.table().bytes(),
                        refused.isEmpty() ? need + "reads a sample; " + wait : refused));
            }
        }
        return actions;
    }

    /** Why nothing would be done to the table; empty when something would. */
    private static String refusal(Session session, AnalyzeTask task, Optional<String> closed) {
        if (!task.due()) {
            return "skipped: " + task.words();
        }
        if (!task.table().allowed()) {
            return "refused: "
                    + MaintainedTables.notAllowed(session, task.name(), "").getMessage();
        }
        return closed.map(why -> "skipped: " + why).orElse("");
    }

    private AnalyzeResult run(
            Session session, ServerFacts server, AnalyzePlan plan, List<AnalyzeTask> tasks, ServerProgress progress)
            throws SQLException {
        Instant start = clock.instant();
        Optional<String> closed = plan.time().closedAt(start);
        Optional<TimeFrame.End> end = plan.time().endFrom(start);
        List<AnalyzedTable> done = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>();
        for (AnalyzeTask task : tasks) {
            if (!task.due()) {
                done.add(result(task, task.words(), Duration.ZERO));
            } else if (!task.table().allowed()) {
                failures.add(new TableFailure(task.name(), MaintainedTables.notAllowed(session, task.name(), "")));
            } else if (closed.isPresent()) {
                done.add(result(task, closed.get(), Duration.ZERO));
            } else if (end.isPresent() && !clock.instant().isBefore(end.get().at())) {
                done.add(result(task, "not begun: " + end.get().words(), Duration.ZERO));
            } else {
                progress.begin(task.name(), "analyze");
                try {
                    analyze(session, server, plan, task, end, done, failures);
                } finally {
                    progress.end(task.name());
                }
            }
        }
        return new AnalyzeResult(withEstimates(session, done), failures);
    }

    private void analyze(
            Session session,
            ServerFacts server,
            AnalyzePlan plan,
            AnalyzeTask task,
            Optional<TimeFrame.End> end,
            List<AnalyzedTable> done,
            List<TableFailure> failures)
            throws SQLException {
        long start = System.nanoTime();
        boolean limited = end.isPresent();
        if (limited) {
            MaintainedTables.statementTimeout(
                    session, Duration.between(clock.instant(), end.get().at()));
        }
        try {
            MaintainedTables.execute(session, task.name(), sql(plan, task.name()));
            done.add(result(task, null, Duration.ofNanos(System.nanoTime() - start)));
        } catch (OperatorException e) {
            failures.add(new TableFailure(task.name(), e));
        } catch (SQLException e) {
            Duration duration = Duration.ofNanos(System.nanoTime() - start);
            String state = FailureClass.sqlState(e).orElse("");
            if (state.equals(SqlStates.LOCK_NOT_AVAILABLE) && plan.skipLocked()) {
                done.add(result(task, MaintainedTables.lockedBy(session, task.name(), e), duration));
            } else if (state.equals(SqlStates.LOCK_NOT_AVAILABLE)) {
                failures.add(new TableFailure(task.name(), TableLocks.explain(session, List.of(task.name()), e)));
            } else if (state.equals(SqlStates.QUERY_CANCELED) && limited) {
                done.add(result(task, "stopped: " + end.get().words(), duration));
            } else if (FailureClass.of(e) == FailureClass.PERMANENT) {
                failures.add(new TableFailure(task.name(), e));
            } else {
                throw e;
            }
        } finally {
            if (limited && session.isUsable()) {
                session.query("select set_config('statement_timeout', ?, false)", server.statementTimeout());
            }
        }
    }

    private AnalyzedTable result(AnalyzeTask task, @Nullable String skipped, Duration duration) {
        return new AnalyzedTable(
                task.name(),
                database.name(),
                skipped,
                task.due(),
                task.due() ? task.words() : "",
                task.table().rows(),
                duration);
    }

    /** What the planner believes now, of those that were done. */
    private static List<AnalyzedTable> withEstimates(Session session, List<AnalyzedTable> done) throws SQLException {
        List<TableName> names = done.stream()
                .filter(one -> one.skipped() == null)
                .map(AnalyzedTable::table)
                .toList();
        Map<TableName, Long> rows = new HashMap<>();
        session.list(
                """
                select n.nspname, c.relname, c.reltuples::bigint from unnest(?::text[], ?::text[]) w(s, t)
                  join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t""",
                row -> rows.put(new TableName(row.getString(1), row.getString(2)), row.getLong(3)),
                names.stream().map(TableName::schema).toList(),
                names.stream().map(TableName::name).toList());
        return done.stream()
                .map(one -> one.skipped() != null ? one : one.withRows(rows.getOrDefault(one.table(), -1L)))
                .toList();
    }

    private static String sql(AnalyzePlan plan, TableName table) {
        return "ANALYZE " + (plan.skipLocked() ? "(SKIP_LOCKED) " : "") + table.quoted();
    }
}
