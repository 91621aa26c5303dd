package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyOrder;
import io.watchkeeper.toolkit.copy.ParallelCopies;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.toolkit.copy.StreamWork;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps several tables the same as others, round by round. Tables that foreign keys tie together are brought to one view of the source in
 * one transaction; of the others, each fails alone.
 */
public final class TableSetSyncer {

    private static final int USUAL_WORKERS = 2;
    private static final int MOST_ATTEMPTS = 3;

    private final Database source;
    private final Database target;
    private final Work work;
    private final Largeness usual;
    private final Duration patience;

    public TableSetSyncer(Database source, Database target, Work work) {
        this(source, target, work, Largeness.USUAL, SyncRound.PATIENCE);
    }

    /** @param patience with a standby that is behind */
    TableSetSyncer(Database source, Database target, Work work, Largeness usual, Duration patience) {
        this.usual = usual;
        this.patience = patience;
        this.source = source;
        this.target = target;
        this.work = work;
    }

    /**
     * Runs one round over the tables of the source that the plan means.
     *
     * @throws OperatorException when no table is meant, or a server cannot be reached at the beginning; a table's own failure is in the
     *     result
     * @throws WorkCancelledException when the work is told to stop; tables that were finished stay
     */
    public SyncSetResult sync(SyncSetPlan plan) throws SQLException {
        List<TableFailure> failures = Collections.synchronizedList(new ArrayList<>());
        List<SyncResult> results = Collections.synchronizedList(new ArrayList<>());
        Tables tables = tables(plan);
        failures.addAll(tables.missing);
        StreamWork streams = new StreamWork(work);
        RateLimit limit = new RateLimit(plan.options().pace().rateLimit(), streams);
        Queue<List<SyncPlan>> queue = new ConcurrentLinkedQueue<>(tables.groups);
        AtomicBoolean behind = new AtomicBoolean();
        Runnable part = () -> {
            for (List<SyncPlan> group = queue.poll(); group != null; group = queue.poll()) {
                new Group(streams, limit, behind, results, failures).sync(group);
            }
        };
        int workers = workers(plan, tables.groups.size());
        new ParallelCopies(streams).run(part, Collections.nCopies(workers - 1, part));
        for (SyncPlan keyless : tables.keyless) {
            try {
                results.add(new TableSyncer(source, target, work).sync(keyless));
            } catch (OperatorException e) {
                failures.add(new TableFailure(keyless.from(), e));
            }
        }
        return new SyncSetResult(results, failures);
    }

    /** By themselves not more than leave half of the connections to other runbooks. */
    private int workers(SyncSetPlan plan, int groups) {
        Integer asked = plan.options().pace().workersAskedFor();
        int share = source == target ? 4 : 2;
        int most =
                Math.min(source.settings().maxConnections(), target.settings().maxConnections()) / share;
        return Math.max(1, Math.min(groups, asked == null ? Math.min(USUAL_WORKERS, most) : asked));
    }

    /**
     * The tables that are meant.
     *
     * @param groups referenced tables first in each
     * @param keyless tables that are copied as a whole, because that is asked for and nothing tells their rows apart
     * @param missing on the target
     */
    private record Tables(List<List<SyncPlan>> groups, List<SyncPlan> keyless, List<TableFailure> missing) {}

    private Tables tables(SyncSetPlan plan) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            List<TableName> names = TablePattern.resolve(pair.source(), plan.patterns(), plan.except());
            Map<TableName, TableShape> there = TableShape.readAll(pair.target(), names);
            List<TableFailure> missing = names.stream()
                    .filter(name -> !there.containsKey(name))
                    .map(name -> new TableFailure(
                            name,
                            new OperatorException(
                                    "there is no table " + name + " in database '" + target.name() + "'",
                                    "create it there, or leave it out with except '" + name + "'.")))
                    .toList();
            List<SyncPlan> keyless = there.values().stream()
                    .map(shape -> new SyncPlan(shape.name(), shape.name(), plan.options()))
                    .filter(one -> plan.options().mode() == SyncMode.FULL
                            && SyncPreparation.hasNoKey(one, shape(there, one.to())))
                    .toList();
            List<TableShape> rest = there.values().stream()
                    .filter(shape -> keyless.stream().noneMatch(one -> one.to().equals(shape.name())))
                    .toList();
            List<List<SyncPlan>> groups = new ArrayList<>();
            for (List<TableName> group : CopyOrder.of(rest)) {
                groups.add(group.stream()
                        .map(name -> new SyncPlan(name, name, plan.options()))
                        .toList());
            }
            if (plan.oneSnapshot() && groups.size() > 1) {
                groups = List.of(groups.stream().flatMap(List::stream).toList());
            }
            return new Tables(groups, keyless, missing);
        }
    }

    private static TableShape shape(Map<TableName, TableShape> shapes, TableName name) {
        TableShape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalStateException(name + " vanished while it was looked at");
        }
        return shape;
    }

    /** Tables that go together, as long as none of them fails: then the others go without it. */
    private final class Group {
        private final Work streams;
        private final RateLimit limit;

        /** Whether another group has waited in vain: a standby that is away would be waited for as often as there are groups. */
        private final AtomicBoolean behind;

        private final List<SyncResult> results;
        private final List<TableFailure> failures;

        /** What was brought in steps of a table that goes alone; empty where that was not possible. */
        private Optional<SyncResult> steps = Optional.empty();

        private boolean stepped;
        private Largeness largeness = usual;

        Group(
                Work streams,
                RateLimit limit,
                AtomicBoolean behind,
                List<SyncResult> results,
                List<TableFailure> failures) {
            this.streams = streams;
            this.limit = limit;
            this.behind = behind;
            this.results = results;
            this.failures = failures;
        }

        void sync(List<SyncPlan> plans) {
            List<SyncPlan> left = new ArrayList<>(plans);
            if (plans.size() > 1) {
                // In steps, rows would be aboard for as long as the link is down that refer to nothing there.
                largeness = Largeness.NEVER;
            }
            int attempts = 1;
            while (!left.isEmpty()) {
                @Nullable TableFailure failure = round(left);
                if (failure == null) {
                    return;
                }
                boolean again = FailureClass.of(failure.cause()) == FailureClass.RETRYABLE;
                if (again && attempts++ < MOST_ATTEMPTS) {
                    continue;
                }
                failures.add(failure);
                boolean removed = left.removeIf(plan -> plan.from().equals(failure.table()));
                if (!removed) {
                    throw new IllegalStateException("no table of the group failed: " + failure.table());
                }
            }
        }

        /** @return the table that failed, all of them being as they were; null when none did */
        private @Nullable TableFailure round(List<SyncPlan> plans) {
            while (true) {
                @Nullable Decision decision = null;
                @Nullable SyncRound round = null;
                try (SessionPair pair = SessionPair.open(source, target, streams)) {
                    List<SyncRound.Part> parts = new ArrayList<>();
                    boolean unfinished = false;
                    for (SyncPlan plan : plans) {
                        try {
                            SyncRound.Part part = SyncRound.Part.prepare(plan, pair.source(), pair.target());
                            boolean divides = !largeness.equals(Largeness.NEVER);
                            unfinished = divides && part.hasUnfinishedSteps(pair.target());
                            parts.add(divides ? part : part.withoutSteps(pair.target()));
                        } catch (SQLException | OperatorException e) {
                            return new TableFailure(plan.from(), e);
                        }
                    }
                    if (!unfinished) {
                        boolean standby = parts.get(0).sync().standby();
                        round = new SyncRound(pair.source(), pair.target(), limit, standby, largeness);
                        round.run(parts, null, behind.get() ? Duration.ZERO : patience)
                                .forEach(this::keep);
                        return null;
                    }
                } catch (Largeness.LargeRoundException e) {
                    decision = e.decision();
                } catch (SQLException | OperatorException e) {
                    return new TableFailure(round == null ? plans.get(0).from() : round.current(), e);
                }
                if (stepped) {
                    largeness = Largeness.NEVER;
                    continue;
                }
                SyncPlan large = plans.get(0);
                try {
                    steps = new TableSyncer(source, target, streams).steps(large, decision);
                    stepped = true;
                } catch (SQLException | OperatorException e) {
                    return new TableFailure(large.from(), e);
                }
            }
        }

        private void keep(SyncResult result) {
            if (result.skipped()) {
                behind.set(true);
            }
            results.add(steps.map(result::after).orElse(result));
        }
    }

    /** What {@link #sync} would do, and which tables would fail. Reads both catalogues and the records, and changes nothing. */
    public List<PlannedAction> describe(SyncSetPlan plan) throws SQLException {
        Tables tables = tables(plan);
        List<PlannedAction> actions = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>(tables.missing);
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            Session from = pair.source();
            Session to = pair.target();
            for (List<SyncPlan> group : tables.groups) {
                for (SyncPlan one : group) {
                    try {
                        actions.addAll(SyncDescription.of(one, from, to));
                    } catch (OperatorException e) {
                        failures.add(new TableFailure(one.from(), e));
                    }
                }
            }
        }
        for (SyncPlan keyless : tables.keyless) {
            actions.addAll(new TableSyncer(source, target, work).describe(keyless));
        }
        for (TableFailure failure : failures) {
            String hint = failure.cause() instanceof OperatorException e && e.hint() != null ? e.hint() : "";
            actions.add(new PlannedAction(
                    target.name(),
                    "-- " + failure.table() + " would not be synchronised: "
                            + failure.cause().getMessage(),
                    LockLevel.NONE,
                    -1,
                    -1,
                    hint));
        }
        return actions;
    }
}
