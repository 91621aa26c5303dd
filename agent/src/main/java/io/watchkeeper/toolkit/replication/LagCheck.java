package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/** Looks at a server's replication and compares it with limits. Changes nothing. */
public final class LagCheck {

    private final ReplicationSight sight;
    private final Database database;
    private final Work work;

    public LagCheck(ReplicationSight sight, Database database, Work work) {
        this.sight = sight;
        this.database = database;
        this.work = work;
    }

    /**
     * @return also when something is over its limit; {@link LagResult#problem()} says so
     * @throws OperatorException when the server cannot be looked at
     */
    public LagResult check(LagPlan plan) throws SQLException {
        return LagReview.of(sight.look(database, work), plan);
    }

    /** What a dry run says: it looks, too. */
    public static List<PlannedAction> describe(LagResult found) {
        String now =
                found.notes().isEmpty() ? "now: all is within its limits" : "now: " + String.join("; ", found.notes());
        return List.of(new PlannedAction(
                found.server().database(),
                "SELECT … FROM pg_stat_replication, pg_replication_slots, pg_stat_wal_receiver",
                LockLevel.NONE,
                found.replicas().size() + found.slots().size(),
                -1,
                now));
    }
}
