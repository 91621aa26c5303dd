package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFailure;
import io.watchkeeper.toolkit.copy.CopyProgress;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.toolkit.copy.ShapeCheck;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.copy.SourceSnapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One view of the source, brought to the target in one transaction: of one table, or of several that belong together. Until the commit
 * the target's readers see what the last round left, and so does the next round, whatever fails or dies here.
 */
final class SyncRound {

    /** A standby that is behind gets so long to catch up before the round is skipped. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final Session source;
    private final Session target;
    private final RateLimit limit;
    private final boolean standby;
    private final Largeness largeness;
    private final TimelineHistory history;
    private @Nullable TableName current;

    /** @param standby whether the source is one */
    SyncRound(Session source, Session target, RateLimit limit, boolean standby, Largeness largeness) {
        this.largeness = largeness;
        this.standby = standby;
        this.source = source;
        this.target = target;
        this.limit = limit;
        this.history = TimelineHistory.of(source);
    }

    /** A table and what is on record for it. */
    record Part(PreparedSync sync, SyncRecord record, Optional<SyncState> state) {

        /**
         * Holds a plan against both catalogues and the record, and takes the table for this agent.
         *
         * @throws io.watchkeeper.problem.OperatorException when the plan does not fit, or another agent has the table
         */
        static Part prepare(SyncPlan plan, Session from, Session to) throws SQLException {
            try {
                return granted(plan, from, to);
            } catch (SQLException | OperatorException e) {
                if (SyncRights.isMissing(e)) {
                    throw SyncRights.explain(plan, from, to, e);
                }
                throw e;
            }
        }

        private static Part granted(SyncPlan plan, Session from, Session to) throws SQLException {
            PreparedSync sync = AddedColumns.follow(plan, from, to);
            SyncRecord record = SyncRecord.take(to, sync.target().name(), sync.scope());
            Optional<SyncState> state = record.load();
            state.ifPresent(known -> ColumnDrift.requireNone(sync, known, from, to));
            return new Part(sync, record, state);
        }

        /** Whether an earlier round was interrupted between its steps. */
        boolean hasUnfinishedSteps(Session to) throws SQLException {
            return steps(to).unfinished().isPresent();
        }

        /** Gives up steps that an earlier round was interrupted between. */
        Part withoutSteps(Session to) throws SQLException {
            if (!hasUnfinishedSteps(to)) {
                return this;
            }
            steps(to).forget();
            return new Part(sync, record, record.load());
        }

        StepRecord steps(Session to) {
            return new StepRecord(to, sync.target().name(), sync.scope());
        }
    }

    /** The source's table that was worked on last: after a failure, the one that failed. */
    TableName current() {
        return Objects.requireNonNull(current, "nothing was run");
    }

    /** As {@link #run(List, String)}, once a standby that was behind has had so long to catch up. */
    List<SyncResult> run(List<Part> parts, @Nullable String exported, Duration patience) {
        long waitUntil = System.nanoTime() + patience.toNanos();
        while (true) {
            List<SyncResult> results = run(parts, exported);
            if (!results.get(0).skipped() || System.nanoTime() - waitUntil >= 0) {
                return results;
            }
            target.work().throwIfCancelled();
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /**
     * Runs the round.
     *
     * @param parts referenced tables first
     * @param exported a snapshot of the source that another session holds open; null for one of its own
     * @throws Largeness.LargeRoundException when {@link #current} is to go in steps before
     * @return in the same order; all of them skipped when the source has to catch up first
     */
    List<SyncResult> run(List<Part> parts, @Nullable String exported) {
        List<PreparedCopy> copies = parts.stream().map(part -> part.sync.copy()).toList();
        current = parts.get(0).sync.name();
        boolean nameObjects = copies.stream().anyMatch(PreparedCopy::holdsObjectNames);
        List<CopyProgress> progress = copies.stream()
                .map(copy -> new CopyProgress(target.work(), copy))
                .toList();
        try {
            List<TableShape> tables = copies.stream().map(PreparedCopy::source).toList();
            Optional<Lsn> replayed = standby ? SourceMark.replayed(source) : Optional.empty();
            SourceSnapshot view = exported == null
                    ? SourceSnapshot.open(source, tables, nameObjects)
                    : SourceSnapshot.join(source, exported, tables, nameObjects);
            try {
                return inView(parts, copies, nameObjects, replayed, progress);
            } finally {
                view.close();
            }
        } catch (SQLException e) {
            target.rollback();
            if (SyncRights.isMissing(e)) {
                throw SyncRights.explain(plan(parts), source, target, e);
            }
            throw CopyFailure.explain(source, target, copies, e);
        } catch (RuntimeException e) {
            target.rollback();
            throw e;
        } finally {
            progress.forEach(CopyProgress::close);
        }
    }

    private SyncPlan plan(List<Part> parts) {
        return parts.stream()
                .map(part -> part.sync.plan())
                .filter(plan -> plan.from().equals(current))
                .findFirst()
                .orElseThrow();
    }

    private List<SyncResult> inView(
            List<Part> parts,
            List<PreparedCopy> copies,
            boolean nameObjects,
            Optional<Lsn> replayed,
            List<CopyProgress> progress)
            throws SQLException {
        List<TableRound> rounds = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            @Nullable SyncState state = part.state.orElse(null);
            SourceMark now = SourceMark.read(source, part.sync.copy().sourceRelations());
            Decision decision = Decision.of(part.sync, state, now, replayed, history);
            if (decision.mustWait()) {
                return parts.stream().map(one -> skipped(one, decision)).toList();
            }
            if (decision.mode() == SyncMode.FULL
                    && SyncSteps.isPossible(part.sync)
                    && Largeness.bytesOf(now) >= largeness.bytes()) {
                current = part.sync.name();
                throw new Largeness.LargeRoundException(decision);
            }
            rounds.add(new TableRound(
                    source,
                    target,
                    part.sync,
                    part.record,
                    state,
                    now,
                    decision,
                    limit,
                    largeness,
                    progress.get(i),
                    i + 1));
        }
        begin(copies, nameObjects);
        for (TableRound round : rounds) {
            at(round).read();
        }
        for (TableRound round : rounds) {
            at(round).settle();
        }
        ShapeCheck.require(target, copies.stream().map(PreparedCopy::target).toList());
        for (int i = rounds.size() - 1; i >= 0; i--) {
            at(rounds.get(i)).deleteGone();
        }
        for (TableRound round : rounds) {
            at(round).merge();
        }
        List<SyncResult> results = new ArrayList<>();
        for (TableRound round : rounds) {
            at(round).verify();
            round.check();
        }
        for (PreparedCopy copy : copies) {
            for (String statement : CopySql.endSilence(copy)) {
                target.runVerbatim(statement);
            }
        }
        for (TableRound round : rounds) {
            results.add(at(round).finish());
        }
        target.commit();
        return results;
    }

    private TableRound at(TableRound round) {
        current = round.sync().name();
        return round;
    }

    private void begin(List<PreparedCopy> copies, boolean nameObjects) throws SQLException {
        target.begin();
        List<String> statements = new ArrayList<>();
        statements.add(CopySql.pinnedSettings(nameObjects));
        statements.addAll(CopySql.silence(copies));
        target.update(String.join("; ", statements));
    }

    private SyncResult skipped(Part part, Decision decision) {
        return new SyncResult(
                part.sync.source().name(),
                part.sync.target().name(),
                source.database().name(),
                target.database().name(),
                decision.mode(),
                decision.reason(),
                true,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Duration.ZERO,
                Map.of(),
                null,
                null,
                false,
                List.of("skipped: " + decision.reason()));
    }
}
