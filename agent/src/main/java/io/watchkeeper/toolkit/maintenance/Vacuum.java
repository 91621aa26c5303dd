package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.List;

/** Runs VACUUM table by table. */
public final class Vacuum {

    public Vacuum(Database database, Work work) {
        throw new IllegalStateException(database.name() + work);
    }

    /** @throws io.watchkeeper.problem.OperatorException when a table is missing, in use, or not the role's to vacuum */
    public VacuumResult run(VacuumPlan plan) throws SQLException {
        throw new IllegalStateException(plan.toString());
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(VacuumPlan plan) throws SQLException {
        throw new IllegalStateException(plan.toString());
    }
}
