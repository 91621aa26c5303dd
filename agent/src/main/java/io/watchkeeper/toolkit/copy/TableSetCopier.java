package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies several tables, referenced ones first. A table that cannot be copied does not stop the others.
 *
 * <p>Tables that foreign keys tie together are read in one snapshot of the source, so that no row refers to one that was
 * written a moment later. Each table has a transaction of its own on the target; only where the role may not keep foreign keys
 * silent do such tables share one, because nothing else could replace a table that others refer to.
 */
public final class TableSetCopier {

    private final Database source;
    private final Database target;
    private final Work work;

    public TableSetCopier(Database source, Database target, Work work) {
        this.source = source;
        this.target = target;
        this.work = work;
        TableCopier.requireTwoConnections(source, target);
    }

    /**
     * Copies the tables of the source that the plan means.
     *
     * @throws OperatorException when no table is meant, or a server cannot be reached at the beginning; a table's own failure
     *     is in the result
     * @throws WorkCancelledException when the work is told to stop; tables that were finished stay
     */
    public TableSetResult copy(TableSetPlan plan) throws SQLException {
        PreparedSet set = prepare(plan);
        RateLimit limit = new RateLimit(plan.options().pace().rateLimit(), work);
        List<CopyResult> results = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>(set.failures());
        for (List<PreparedCopy> group : set.groups()) {
            GroupCopier copier = new GroupCopier(source, target, work, limit, group);
            copier.copy();
            results.addAll(copier.results());
            failures.addAll(copier.failures());
        }
        return new TableSetResult(results, failures);
    }

    /** What {@link #copy} would do, and which tables it could not copy. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(TableSetPlan plan) throws SQLException {
        PreparedSet set = prepare(plan);
        List<PlannedAction> actions = new ArrayList<>();
        try (Session from = source.open(work);
                Session to = target.open(work)) {
            for (List<PreparedCopy> group : set.groups()) {
                for (PreparedCopy copy : group) {
                    actions.addAll(CopyDescription.of(from, to, copy));
                }
            }
        }
        for (TableFailure failure : set.failures()) {
            String hint = failure.cause() instanceof OperatorException e && e.hint() != null ? e.hint() : "";
            actions.add(new PlannedAction(
                    target.name(),
                    "-- " + failure.table() + " would not be copied: "
                            + failure.cause().getMessage(),
                    LockLevel.NONE,
                    -1,
                    -1,
                    hint));
        }
        return actions;
    }

    private PreparedSet prepare(TableSetPlan plan) throws SQLException {
        try (Session from = source.open(work);
                Session to = target.open(work)) {
            return PreparedSet.of(plan, from, to);
        }
    }
}
