package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Copies one table as a stream, in one transaction of the target. */
public final class TableCopier {

    private final Database source;
    private final Database target;
    private final Work work;

    public TableCopier(Database source, Database target, Work work) {
        this.source = source;
        this.target = target;
        this.work = work;
        requireTwoConnections(source, target);
    }

    /**
     * Copies the table. A failure at any moment leaves the target's rows as they were.
     *
     * @throws OperatorException when the tables do not fit, rights are missing, a server or the link fails, or verification
     *     found a difference
     * @throws io.watchkeeper.postgres.WorkCancelledException when the work is told to stop
     */
    public CopyResult copy(CopyPlan plan) throws SQLException {
        boolean failed = true;
        try {
            CopyResult result = copyTable(plan);
            failed = false;
            return result;
        } finally {
            if (plan.options().suspendAutovacuum()) {
                CopySweep.afterCopy(target, work, failed);
            }
        }
    }

    private CopyResult copyTable(CopyPlan plan) throws SQLException {
        PreparedCopy copy;
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            Session from = pair.source();
            Session to = pair.target();
            copy = prepare(plan, from, to);
            if (copy.mergeKey() != null && copy.mergeKey().index() != null) {
                // Before the snapshot: it waits for the transactions of its database, of which that could be one.
                copy.mergeKey().index().make(to);
            }
            if (copy.chunking() == Chunking.NONE) {
                SourceSnapshot snapshot = SourceSnapshot.open(from, List.of(copy.source()), copy.holdsObjectNames());
                CopyResult result = new CopyTransaction(snapshot, to, limit(plan))
                        .run(List.of(copy), TargetTurn.FREE)
                        .get(0);
                snapshot.close();
                return plan.options().analyze() ? Statistics.renew(to, copy, result) : result;
            }
        }
        CopyResult result = new ChunkedCopier(source, target, work, limit(plan), copy, Set.of(), false).copy();
        return plan.options().analyze() ? analyzed(copy, result) : result;
    }

    private CopyResult analyzed(PreparedCopy copy, CopyResult result) throws SQLException {
        try (Session to = target.open(work)) {
            return Statistics.renew(to, copy, result);
        }
    }

    private RateLimit limit(CopyPlan plan) {
        return new RateLimit(plan.options().pace().rateLimit(), work);
    }

    /** What {@link #copy} would do. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(CopyPlan plan) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            Session from = pair.source();
            Session to = pair.target();
            return CopyDescription.of(from, to, prepare(plan, from, to));
        }
    }

    private static PreparedCopy prepare(CopyPlan plan, Session from, Session to) throws SQLException {
        PreparedCopy copy = prepareTable(plan, from, to);
        SuspendedAutovacuum.requireRight(to, copy);
        return copy;
    }

    private static PreparedCopy prepareTable(CopyPlan plan, Session from, Session to) throws SQLException {
        ServerPair servers = ServerPair.read(from, to);
        TableShape here = TableShape.read(from, plan.from());
        TableShape there = TableShape.read(to, plan.to());
        StreamedTable.refuse(to, plan.to());
        if (plan.options().strategy() == CopyStrategy.PARTITION) {
            PartitionPlan partition = PartitionPlan.of(plan, here, from, to);
            CopyPlan part = partition.plan();
            TableShape partHere = part.from().equals(plan.from()) ? here : TableShape.read(from, part.from());
            TableShape partThere = TableShape.read(to, part.to());
            return new CopyPreparation(part, partHere, partThere, from.database(), to.database(), servers)
                    .noting(partition.notes())
                    .prepare(Set.of(partThere));
        }
        PreparedCopy copy =
                new CopyPreparation(plan, here, there, from.database(), to.database(), servers).prepare(Set.of(there));
        if (copy.isSwap()) {
            StandIn.refuse(to, plan.to());
        }
        return copy;
    }

    static void requireTwoConnections(Database source, Database target) {
        if (source == target && source.settings().maxConnections() < 2) {
            throw new OperatorException(
                    "a copy inside database '" + source.name() + "' needs two connections, and one is allowed",
                    "raise databases." + source.name() + ".maxConnections to 2 or more.");
        }
    }
}
