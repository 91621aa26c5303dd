package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Copies several tables, several at once, the largest first, but none before those it refers to. A table that cannot be copied does
 * not stop the others.
 *
 * <p>Tables that foreign keys tie together are read in one snapshot of the source, so that no row refers to one that was
 * written a moment later. Each table has a transaction of its own on the target; only where the role may not keep foreign keys
 * silent do such tables share one, because nothing else could replace a table that others refer to.
 */
public final class TableSetCopier {

    /** Tables at once where nobody said how many. */
    private static final int MOST_UNASKED = 4;

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
        boolean failed = true;
        try {
            TableSetResult result = copyTables(plan);
            failed = !result.failures().isEmpty();
            return result;
        } finally {
            if (plan.options().suspendAutovacuum()) {
                CopySweep.afterCopy(target, work, failed);
            }
        }
    }

    private TableSetResult copyTables(TableSetPlan plan) throws SQLException {
        PreparedSet set = prepare(plan);
        StreamWork streams = new StreamWork(work);
        RateLimit limit = new RateLimit(plan.options().pace().rateLimit(), streams);
        List<PreparedCopy> inChunks = set.groups().stream()
                .flatMap(List::stream)
                .filter(copy -> copy.chunking() != Chunking.NONE)
                .toList();
        List<CopyGroup> groups = set.groups().stream()
                .map(tables -> tables.stream()
                        .filter(copy -> copy.chunking() == Chunking.NONE)
                        .toList())
                .filter(tables -> !tables.isEmpty())
                .map(tables -> new CopyGroup(tables, set.sharesSnapshots()))
                .toList();
        makeMergeIndexes(groups);
        CopyQueue queue = new CopyQueue(groups);
        if (!groups.isEmpty()) {
            Runnable first = () -> work(streams, limit, queue, SetWorker::work);
            Runnable other = () -> work(streams, limit, queue, SetWorker::help);
            new ParallelCopies(streams).run(first, Collections.nCopies(workers(plan, groups) - 1, other));
        }
        List<CopyResult> results = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>(set.failures());
        for (CopyGroup group : groups) {
            results.addAll(group.results());
            failures.addAll(group.failures());
        }
        ChunkedSet chunked = new ChunkedSet(
                source, target, work, new RateLimit(plan.options().pace().rateLimit(), work));
        chunked.copy(inChunks);
        results.addAll(chunked.results());
        failures.addAll(chunked.failures());
        return new TableSetResult(results, failures);
    }

    /** Before any snapshot: it waits for the transactions of its database, and no part of this copy may be one of them. */
    private void makeMergeIndexes(List<CopyGroup> groups) {
        for (CopyGroup group : groups) {
            for (PreparedCopy copy : group.tables()) {
                MergeIndex index =
                        copy.mergeKey() == null ? null : copy.mergeKey().index();
                if (index != null) {
                    try (Session to = target.open(work)) {
                        index.make(to);
                    } catch (SQLException | OperatorException e) {
                        group.failed(copy, e);
                    }
                }
            }
        }
    }

    private void work(Work streams, RateLimit limit, CopyQueue queue, Consumer<SetWorker> part) {
        try (SetWorker worker = new SetWorker(source, target, streams, limit, queue)) {
            part.accept(worker);
        }
    }

    /** As many as there is work for, and by themselves not more than leave half of the connections to other runbooks. */
    private int workers(TableSetPlan plan, List<CopyGroup> groups) {
        Integer asked = plan.options().pace().workersAskedFor();
        int share = source == target ? 4 : 2;
        int most =
                Math.min(source.settings().maxConnections(), target.settings().maxConnections()) / share;
        int wanted = asked == null ? Math.min(MOST_UNASKED, most) : asked;
        int width = groups.stream().mapToInt(CopyGroup::width).sum();
        return Math.max(1, Math.min(wanted, width));
    }

    /** What {@link #copy} would do, and which tables it could not copy. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(TableSetPlan plan) throws SQLException {
        PreparedSet set = prepare(plan);
        List<PlannedAction> actions = new ArrayList<>();
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            Session from = pair.source();
            Session to = pair.target();
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
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            return PreparedSet.of(plan, pair.source(), pair.target());
        }
    }
}
