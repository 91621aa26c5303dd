package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.List;

/** Copies several tables, referenced ones first. A table that cannot be copied does not stop the others. */
public final class TableSetCopier {

    public TableSetCopier(Database source, Database target, Work work) {
        throw new IllegalStateException(source.name() + target.name() + work);
    }

    /**
     * Copies the tables of the source that the plan means.
     *
     * @throws io.watchkeeper.problem.OperatorException when no table is meant; a table's own failure is in the result
     */
    public TableSetResult copy(TableSetPlan plan) throws SQLException {
        throw new IllegalStateException(plan.toString());
    }

    /** What {@link #copy} would do. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(TableSetPlan plan) throws SQLException {
        throw new IllegalStateException(plan.toString());
    }
}
