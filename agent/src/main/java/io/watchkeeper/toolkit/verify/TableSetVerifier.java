package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Verifies several tables, several at once. A table that cannot be verified does not stop the others. */
public final class TableSetVerifier {

    /** Tables at once where nobody said how many: each takes a core of both servers. */
    private static final int MOST_UNASKED = 2;

    private final Database source;
    private final Database target;
    private final Work work;
    private final @Nullable Path reports;
    private final InFlight knowledge;

    /** @param reports as for {@link TableVerifier} */
    public TableSetVerifier(Database source, Database target, Work work, @Nullable Path reports) {
        this(source, target, work, reports, InFlight.NONE);
    }

    /** @param knowledge of rows that are on their way to the target */
    public TableSetVerifier(Database source, Database target, Work work, @Nullable Path reports, InFlight knowledge) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.reports = reports;
        this.knowledge = knowledge;
    }

    /**
     * Verifies the tables of the source that the plan means.
     *
     * @throws OperatorException when no table is meant, or a server cannot be reached at the beginning; a table's own failure is in
     *     the result
     * @throws WorkCancelledException when the work is told to stop
     */
    public VerifySetResult verify(VerifySetPlan plan) throws SQLException {
        Queue<TableName> left = new ConcurrentLinkedQueue<>(tables(plan));
        Queue<VerifyResult> results = new ConcurrentLinkedQueue<>();
        Queue<TableFailure> failures = new ConcurrentLinkedQueue<>();
        List<FutureTask<Boolean>> workers = new ArrayList<>();
        for (int i = workers(plan, left.size()); i > 0; i--) {
            workers.add(new FutureTask<>(() -> verifyAll(plan, left, results, failures), true));
        }
        for (FutureTask<Boolean> worker : workers.subList(1, workers.size())) {
            Thread thread = new Thread(worker, "watchkeeper-verify");
            thread.setDaemon(true);
            thread.start();
        }
        workers.get(0).run();
        workers.forEach(TableSetVerifier::await);
        return new VerifySetResult(
                results.stream()
                        .sorted(Comparator.comparing(VerifyResult::table))
                        .toList(),
                failures.stream()
                        .sorted(Comparator.comparing(TableFailure::table))
                        .toList());
    }

    private void verifyAll(
            VerifySetPlan plan, Queue<TableName> left, Queue<VerifyResult> results, Queue<TableFailure> failures) {
        for (TableName table = left.poll(); table != null; table = left.poll()) {
            try {
                results.add(new TableVerifier(source, target, work, reports, knowledge)
                        .verify(new VerifyPlan(table, table, plan.options())));
            } catch (WorkCancelledException e) {
                left.clear();
                throw e;
            } catch (SQLException | RuntimeException e) {
                failures.add(new TableFailure(table, e));
            }
        }
    }

    private static void await(FutureTask<Boolean> worker) {
        boolean interrupted = false;
        while (true) {
            try {
                worker.get();
                break;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                // The sessions see to it that the work ends: it was told to stop.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** As many as were asked for; by themselves not more than leave half of the connections to other runbooks. */
    private int workers(VerifySetPlan plan, int tables) {
        Integer asked = plan.options().pace().workers();
        int share = source == target ? 4 : 2;
        int most =
                Math.min(source.settings().maxConnections(), target.settings().maxConnections()) / share;
        int wanted = asked == null ? Math.min(MOST_UNASKED, most) : asked;
        return Math.max(1, Math.min(wanted, tables));
    }

    /** What {@link #verify} would do, and which tables it could not verify. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(VerifySetPlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        for (TableName table : tables(plan)) {
            try {
                actions.addAll(new TableVerifier(source, target, work, reports, knowledge)
                        .describe(new VerifyPlan(table, table, plan.options())));
            } catch (OperatorException e) {
                String hint = e.hint();
                actions.add(new PlannedAction(
                        target.name(),
                        "-- " + table + " would not be verified: " + e.getMessage(),
                        LockLevel.NONE,
                        -1,
                        -1,
                        hint == null ? "" : hint));
            }
        }
        return actions;
    }

    private List<TableName> tables(VerifySetPlan plan) throws SQLException {
        try (Session session = source.open(work)) {
            return TablePattern.resolve(session, plan.patterns(), plan.except());
        }
    }
}
