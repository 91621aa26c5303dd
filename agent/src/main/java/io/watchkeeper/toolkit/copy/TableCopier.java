package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.List;

/** Copies one table as a stream, in one transaction of the target. */
public final class TableCopier {

    public TableCopier(Database source, Database target, Work work) {
        throw new IllegalStateException(source.name() + target.name() + work);
    }

    /**
     * Copies the table. A failure at any moment leaves the target's rows as they were.
     *
     * @throws io.watchkeeper.problem.OperatorException when the tables do not fit, rights are missing, or verification found a
     *     difference
     */
    public CopyResult copy(CopyPlan plan) throws SQLException {
        throw new IllegalStateException(plan.toString());
    }

    /** What {@link #copy} would do. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(CopyPlan plan) throws SQLException {
        throw new IllegalStateException(plan.toString());
    }
}
