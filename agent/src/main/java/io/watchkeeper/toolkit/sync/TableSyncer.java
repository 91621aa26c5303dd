package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyResult;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.toolkit.copy.TableCopier;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one table the same as another, round by round. */
public final class TableSyncer {

    private static final Logger LOG = LoggerFactory.getLogger(TableSyncer.class);

    private static final Duration[] PAUSES = {Duration.ofMillis(300), Duration.ofSeconds(2)};
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final Database source;
    private final Database target;
    private final Work work;
    private final Duration patience;
    private final Largeness largeness;

    public TableSyncer(Database source, Database target, Work work) {
        this(source, target, work, SyncRound.PATIENCE, Largeness.USUAL);
    }

    TableSyncer(Database source, Database target, Work work, Duration patience) {
        this(source, target, work, patience, Largeness.USUAL);
    }

    TableSyncer(Database source, Database target, Work work, Duration patience, Largeness largeness) {
        this.largeness = largeness;
        this.source = source;
        this.target = target;
        this.work = work;
        this.patience = patience;
        if (source == target && source.settings().maxConnections() < 2) {
            throw new OperatorException(
                    "synchronising inside database '" + source.name() + "' needs two connections, and one is allowed",
                    "raise databases." + source.name() + ".maxConnections to 2 or more.");
        }
    }

    /**
     * Runs one round. A failure at any moment leaves the target as the last round left it.
     *
     * @throws OperatorException when the tables do not fit, rights are missing, a server or the link fails, another agent has the
     *     table, or a brake stops the round
     * @throws io.watchkeeper.postgres.WorkCancelledException when the work is told to stop
     */
    public SyncResult sync(SyncPlan plan) throws SQLException {
        for (int attempt = 0; ; attempt++) {
            try {
                return once(plan, null);
            } catch (OperatorException e) {
                if (attempt == PAUSES.length || FailureClass.of(e) != FailureClass.RETRYABLE) {
                    throw e;
                }
            }
            pause(PAUSES[attempt]);
        }
    }

    /**
     * Runs one round in a view of the source that another session has exported and holds open. Only on a primary: a standby may show
     * a snapshot that was carried over less than was committed.
     */
    public SyncResult syncInSnapshot(SyncPlan plan, String snapshot) throws SQLException {
        return once(plan, snapshot);
    }

    private SyncResult once(SyncPlan plan, @Nullable String snapshot) throws SQLException {
        try {
            return inOneTransaction(plan, snapshot, snapshot == null ? largeness : Largeness.NEVER);
        } catch (Largeness.LargeRoundException e) {
            return inSteps(plan, e.decision());
        }
    }

    private SyncResult inSteps(SyncPlan plan, @Nullable Decision decision) throws SQLException {
        Optional<SyncResult> steps = steps(plan, decision);
        SyncResult rest = inOneTransaction(plan, null, Largeness.NEVER);
        return steps.isEmpty() ? rest : rest.after(steps.get());
    }

    /**
     * Brings most of a large round's rows, so that what is left fits into one transaction.
     *
     * @param decision null to go on with steps that were interrupted
     * @return empty when the round cannot go in steps
     */
    Optional<SyncResult> steps(SyncPlan plan, @Nullable Decision decision) throws SQLException {
        RateLimit limit = new RateLimit(plan.options().pace().rateLimit(), work);
        Optional<SyncResult> filled = fill(plan, decision);
        Optional<SyncResult> steps =
                new SyncSteps(source, target, work, limit, largeness, this::pause).run(plan, decision);
        return steps.isPresent() && filled.isPresent()
                ? Optional.of(steps.get().after(filled.get()))
                : steps.or(() -> filled);
    }

    /** Into an empty table, a copy in chunks is the quickest; a comparison of all rows follows in any case. */
    private Optional<SyncResult> fill(SyncPlan plan, @Nullable Decision decision) throws SQLException {
        boolean empty;
        try (Session to = target.open(work)) {
            empty = SyncPreparation.isEmpty(to, plan.to());
        }
        // A copy does not keep the source's transactions; steps do.
        if (!empty || plan.options().sourceXmin()) {
            return Optional.empty();
        }
        CopyOptions options = wholeCopy(plan).options().withResume(true).withVerify(false);
        CopyPlan copy = new CopyPlan(plan.from(), plan.to(), options);
        try {
            String reason = decision == null ? "an earlier round was interrupted" : decision.reason();
            CopyResult copied = new TableCopier(source, target, work).copy(copy);
            return Optional.of(asRound(copied, reason, copied.notes()));
        } catch (OperatorException e) {
            if (FailureClass.of(e) != FailureClass.PERMANENT) {
                throw e;
            }
            LOG.info("{} is not filled by a copy: {}", plan.to(), e.getMessage());
            return Optional.empty();
        }
    }

    private SyncResult inOneTransaction(SyncPlan plan, @Nullable String snapshot, Largeness large) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            Session from = pair.source();
            Session to = pair.target();
            if (plan.options().mode() == SyncMode.FULL
                    && SyncPreparation.hasNoKey(plan, TableShape.read(to, plan.to()))) {
                return copyWhole(plan);
            }
            SyncRound.Part part = SyncRound.Part.prepare(plan, from, to);
            if (snapshot != null && part.sync().standby()) {
                throw new OperatorException(
                        "database '" + source.name()
                                + "' is a standby, which may show less than was committed in a snapshot"
                                + " that was carried over from another session",
                        "let the round have a view of its own, or take the primary.");
            }
            if (large.equals(Largeness.NEVER)) {
                part = part.withoutSteps(to);
            } else if (part.hasUnfinishedSteps(to)) {
                throw new Largeness.LargeRoundException(null);
            }
            RateLimit limit = new RateLimit(plan.options().pace().rateLimit(), work);
            SyncRound round = new SyncRound(from, to, limit, part.sync().standby(), large);
            return round.run(List.of(part), snapshot, patience).get(0);
        }
    }

    /** Rows that nothing tells apart cannot be kept the same one by one. */
    private SyncResult copyWhole(SyncPlan plan) throws SQLException {
        CopyResult copied = new TableCopier(source, target, work).copy(wholeCopy(plan));
        List<String> notes = new ArrayList<>(copied.notes());
        if (plan.options().sourceXmin()) {
            notes.add("source_xmin is not kept, as nothing tells the rows apart");
        }
        return asRound(copied, "the whole table was copied, as nothing tells its rows apart", notes);
    }

    private static SyncResult asRound(CopyResult copied, String reason, List<String> notes) {
        Map<SyncResult.Stage, Duration> stages = new EnumMap<>(SyncResult.Stage.class);
        copied.stages().forEach((stage, time) -> {
            switch (stage) {
                case EXTRACT -> stages.put(SyncResult.Stage.EXTRACT, time);
                case LOAD -> stages.put(SyncResult.Stage.LOAD, time);
                case VERIFY -> stages.put(SyncResult.Stage.VERIFY, time);
                default -> stages.merge(SyncResult.Stage.MERGE, time, Duration::plus);
            }
        });
        return new SyncResult(
                copied.table(),
                copied.targetTable(),
                copied.from(),
                copied.to(),
                SyncMode.FULL,
                reason,
                false,
                copied.rowsRead(),
                copied.rowsWritten(),
                0,
                0,
                0,
                copied.bytes(),
                copied.chunks(),
                copied.duration(),
                stages,
                null,
                null,
                copied.verified(),
                notes);
    }

    private static CopyPlan wholeCopy(SyncPlan plan) {
        CopyOptions options = CopyOptions.DEFAULT
                .withColumns(plan.options().columns())
                .withWhere(plan.options().where())
                .withPace(plan.options().pace())
                .withAnalyze(false);
        return new CopyPlan(plan.from(), plan.to(), options);
    }

    /** What {@link #sync} would do. Reads both catalogues and the record, and changes nothing. */
    public List<PlannedAction> describe(SyncPlan plan) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            TableShape there = TableShape.read(pair.target(), plan.to());
            if (plan.options().mode() != SyncMode.FULL || !SyncPreparation.hasNoKey(plan, there)) {
                return SyncDescription.of(plan, pair.source(), pair.target());
            }
        }
        return new TableCopier(source, target, work).describe(wholeCopy(plan));
    }

    private void pause(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            work.throwIfCancelled();
            LockSupport.parkNanos(Math.min(left, LOOK_AGAIN.toNanos()));
        }
        work.throwIfCancelled();
    }
}
