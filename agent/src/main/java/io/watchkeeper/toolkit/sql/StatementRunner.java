package io.watchkeeper.toolkit.sql;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the operator's statements with bound parameters, a {@code ?} for each. */
public final class StatementRunner {

    public StatementRunner(Database database, Work work) {
        throw new IllegalStateException(database.name() + work);
    }

    /** Runs a query and reads all its rows. */
    public QueryResult query(String sql, @Nullable Object... params) throws SQLException {
        throw new IllegalStateException(sql + params.length);
    }

    /** Runs a statement in a transaction of its own. */
    public ExecuteResult execute(String sql, @Nullable Object... params) throws SQLException {
        throw new IllegalStateException(sql + params.length);
    }

    /** What {@link #query} would do; a plain read is really run, in a read-only transaction, so that a dry run can go on with it. */
    public QueryPlan describeQuery(String sql, @Nullable Object... params) throws SQLException {
        throw new IllegalStateException(sql + params.length);
    }

    /** What {@link #execute} would do. Changes nothing. */
    public List<PlannedAction> describeExecute(String sql, @Nullable Object... params) throws SQLException {
        throw new IllegalStateException(sql + params.length);
    }
}
