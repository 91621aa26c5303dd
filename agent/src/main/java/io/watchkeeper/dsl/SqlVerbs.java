package io.watchkeeper.dsl;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.sql.ExecuteResult;
import io.watchkeeper.toolkit.sql.QueryPlan;
import io.watchkeeper.toolkit.sql.QueryResult;
import io.watchkeeper.toolkit.sql.StatementRunner;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code query} and {@code execute}. */
record SqlVerbs(Action action) {

    List<Map<String, @Nullable Object>> query(String database, String sql, @Nullable Object... params)
            throws SQLException {
        StatementRunner runner = runner(database);
        StepContext context = action.context();
        if (action.dryRun()) {
            QueryPlan plan = runner.describeQuery(sql, params);
            context.plan("query", database, plan.actions());
            return plan.rows();
        }
        QueryResult result = runner.query(sql, params);
        context.record(new VerbResult("query", result.fields()));
        return result.rows();
    }

    ExecuteResult execute(String database, String sql, @Nullable Object... params) throws SQLException {
        StatementRunner runner = runner(database);
        StepContext context = action.context();
        if (action.dryRun()) {
            List<PlannedAction> plan = runner.describeExecute(sql, params);
            context.plan("execute", database, plan);
            return new ExecuteResult(database, 0, Duration.ZERO);
        }
        ExecuteResult result = runner.execute(sql, params);
        context.record(new VerbResult("execute", result.fields()));
        return result;
    }

    private StatementRunner runner(String database) {
        return new StatementRunner(action.database(database), action.context().work());
    }
}
