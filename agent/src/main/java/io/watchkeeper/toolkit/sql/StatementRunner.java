package io.watchkeeper.toolkit.sql;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the operator's statements with bound parameters, a {@code ?} for each. */
public final class StatementRunner {

    private final Database database;
    private final Work work;

    public StatementRunner(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Runs a query and reads all its rows.
     *
     * @throws io.watchkeeper.problem.OperatorException when there are more than 100,000
     */
    public QueryResult query(String sql, @Nullable Object... params) throws SQLException {
        long start = System.nanoTime();
        try (Session session = database.open(work)) {
            List<Map<String, @Nullable Object>> rows = session.query(sql, params);
            return new QueryResult(database.name(), rows, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** Runs a statement in a transaction of its own; several, separated by semicolons, share one. */
    public ExecuteResult execute(String sql, @Nullable Object... params) throws SQLException {
        long start = System.nanoTime();
        try (Session session = database.open(work)) {
            long rows = session.update(sql, params);
            return new ExecuteResult(database.name(), rows, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** What {@link #query} would do; a plain read is really run, in a read-only transaction, so that a dry run can go on with it. */
    public QueryPlan describeQuery(String sql, @Nullable Object... params) throws SQLException {
        try (Session session = database.open(work)) {
            return new StatementDescription(session, params).query(sql);
        }
    }

    /** What {@link #execute} would do. Changes nothing. */
    public List<PlannedAction> describeExecute(String sql, @Nullable Object... params) throws SQLException {
        try (Session session = database.open(work)) {
            return new StatementDescription(session, params).of(sql);
        }
    }
}
