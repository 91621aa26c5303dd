package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one of the threads that copy a set of tables does: it takes tables until none is left, and keeps its two sessions over all
 * of them, because a session costs more round trips than a small table.
 */
final class SetWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SetWorker.class);

    /** A connection that is not free for so long is left to those who have it, until the next try. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Database source;
    private final Database target;
    private final Work work;
    private final RateLimit limit;
    private final CopyQueue queue;
    private final LaterStatistics statistics = new LaterStatistics();
    private @Nullable Session from;
    private @Nullable Session to;
    private @Nullable SourceSnapshot snapshot;
    /** Of the snapshot, where others can join it. */
    private @Nullable String exported;

    SetWorker(Database source, Database target, Work work, RateLimit limit, CopyQueue queue) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.limit = limit;
        this.queue = queue;
    }

    /** Works until nothing is left. A table that fails is noted where it belongs, and does not stop the others. */
    void work() {
        for (CopyGroup group = queue.next(); group != null; group = queue.next()) {
            copy(group);
        }
        renewStatistics();
    }

    /** As {@link #work}, if there are connections for it while there is work. */
    void help() {
        while (queue.hasWork()) {
            try {
                Optional<SessionPair> pair = SessionPair.tryOpen(source, target, work, PATIENCE);
                if (pair.isPresent()) {
                    from = pair.get().source();
                    to = pair.get().target();
                    work();
                    return;
                }
            } catch (SQLException | OperatorException e) {
                // Whoever works already meets the same failure, and tells it.
                LOG.debug("one stream less from {} to {}", source.name(), target.name(), e);
                return;
            }
        }
    }

    private void copy(CopyGroup group) {
        if (group.isOneTransaction()) {
            copyTogether(group);
            return;
        }
        while (group.hasWaiting()) {
            try {
                requireSessions();
                copyTables(group);
            } catch (SQLException | OperatorException e) {
                // The source is not there, or not to be seen. Each table says so, and the next one tries for itself.
                PreparedCopy next = group.take();
                if (next != null) {
                    group.failed(next, e);
                }
            }
        }
        if (group.claimReport()) {
            reportDangling(group);
        }
    }

    /** In one snapshot; where that is lost, for example with the link, the rest goes on in a new one. */
    private void copyTables(CopyGroup group) throws SQLException {
        List<PreparedCopy> waiting = group.waiting();
        try {
            openSnapshot(group, waiting);
        } catch (OperatorException e) {
            if (waiting.size() == 1) {
                throw e;
            }
            copyEachAlone(group);
            return;
        }
        try {
            for (PreparedCopy copy = group.take(); copy != null; copy = group.take()) {
                if (!copyOne(group, copy) && !backToMark()) {
                    return;
                }
            }
        } finally {
            group.unshare(exported);
            exported = null;
        }
    }

    /** When not all tables can be locked, each is tried alone, so that only the locked one fails. */
    private void copyEachAlone(CopyGroup group) {
        group.split();
        for (PreparedCopy copy = group.take(); copy != null; copy = group.take()) {
            try {
                requireSessions();
                open(List.of(copy));
                copyOne(group, copy);
            } catch (SQLException | OperatorException e) {
                group.failed(copy, e);
            }
        }
    }

    private void openSnapshot(CopyGroup group, List<PreparedCopy> copies) throws SQLException {
        String shared = group.snapshot();
        if (shared != null && join(shared, copies)) {
            return;
        }
        open(copies);
        if (group.isShareable() && group.snapshot() == null && snapshot != null) {
            exported = snapshot.export();
            group.share(exported);
        }
    }

    /** @return false when the one who opened the snapshot has lost it */
    private boolean join(String shared, List<PreparedCopy> copies) throws SQLException {
        closeSnapshot();
        Session session = required(from);
        try {
            snapshot = SourceSnapshot.join(session, shared, shapes(copies), CopyTransaction.namesObjects(copies));
            return true;
        } catch (SQLException e) {
            if (session.isUsable()) {
                return false;
            }
            throw e;
        }
    }

    private void open(List<PreparedCopy> copies) throws SQLException {
        SourceSnapshot before = snapshot;
        snapshot = null;
        boolean fully = CopyTransaction.namesObjects(copies);
        snapshot = before == null
                ? SourceSnapshot.open(required(from), shapes(copies), fully)
                : before.next(shapes(copies), fully);
    }

    private static List<TableShape> shapes(List<PreparedCopy> copies) {
        return copies.stream().map(PreparedCopy::source).toList();
    }

    private void copyTogether(CopyGroup group) {
        List<PreparedCopy> tables = group.waiting();
        try {
            requireSessions();
            open(tables);
            List<CopyResult> done =
                    new CopyTransaction(required(snapshot), required(to), limit).run(tables, TargetTurn.FREE);
            for (int i = 0; i < tables.size(); i++) {
                succeeded(group, tables.get(i), done.get(i));
            }
        } catch (SQLException | OperatorException e) {
            tables.forEach(copy -> group.failed(copy, e));
        }
    }

    private boolean copyOne(CopyGroup group, PreparedCopy copy) {
        try {
            CopyResult result = new CopyTransaction(required(snapshot), requireTarget(), limit)
                    .run(List.of(copy), group.turn(copy, work))
                    .get(0);
            succeeded(group, copy, result);
            return true;
        } catch (SQLException | OperatorException e) {
            group.failed(copy, e);
            return false;
        }
    }

    private void succeeded(CopyGroup group, PreparedCopy copy, CopyResult result) {
        group.succeeded(copy, result);
        if (copy.plan().options().analyze()) {
            statistics.add(copy, result, renewed -> group.amend(copy, renewed));
            if (statistics.isDue()) {
                statistics.renew(required(to));
            }
        }
    }

    private void renewStatistics() {
        closeSnapshot();
        if (!statistics.isEmpty()) {
            try {
                statistics.renew(requireTarget());
            } catch (SQLException | OperatorException e) {
                statistics.giveUp(e);
            }
        }
    }

    /** What refers to nothing now must be said. */
    private void reportDangling(CopyGroup group) {
        Set<?> failed = group.failedTables();
        try {
            requireSessions();
            Session session = required(to);
            for (PreparedCopy copy : group.tables()) {
                for (TableShape.ForeignKey key : copy.target().foreignKeys()) {
                    long orphans = failed.contains(key.from()) || failed.contains(key.to())
                            ? ForeignKeyCheck.orphans(session, key)
                            : 0;
                    if (orphans > 0) {
                        group.addDangling(new TableFailure(
                                key.from(),
                                new OperatorException(
                                        ForeignKeyCheck.describe(session, key, orphans),
                                        "copy both again once the other failure is dealt with.")));
                    }
                }
            }
        } catch (SQLException | OperatorException e) {
            group.addDangling(new TableFailure(group.tables().get(0).source().name(), e));
        }
    }

    private void requireSessions() throws SQLException {
        if (from != null && from.isUsable() && to != null && to.isUsable()) {
            return;
        }
        close();
        SessionPair pair = SessionPair.open(source, target, work);
        from = pair.source();
        to = pair.target();
    }

    /** The target's session, anew where its connection was lost: the snapshot must not be lost with it. */
    private Session requireTarget() throws SQLException {
        if (to != null && to.isUsable()) {
            return to;
        }
        closeQuietly(to);
        to = null;
        to = target.tryOpen(work, PATIENCE).orElseThrow(target::allInUse);
        return required(to);
    }

    private boolean backToMark() {
        if (snapshot != null && snapshot.backToMark()) {
            return true;
        }
        // The session's transaction, if there is one still, is not to be built upon.
        closeQuietly(from);
        from = null;
        snapshot = null;
        return false;
    }

    private void closeSnapshot() {
        if (snapshot != null) {
            snapshot.close();
            snapshot = null;
        }
    }

    private static <T> T required(@Nullable T one) {
        if (one == null) {
            throw new IllegalStateException("used before it was opened");
        }
        return one;
    }

    /** Gives the sessions back. */
    @Override
    public void close() {
        snapshot = null;
        closeQuietly(from);
        closeQuietly(to);
        from = null;
        to = null;
    }

    private static void closeQuietly(@Nullable Session session) {
        if (session != null) {
            try {
                session.close();
            } catch (SQLException | RuntimeException e) {
                // The other session must go back all the same.
                LOG.warn(
                        "a session of '{}' could not be closed",
                        session.database().name(),
                        e);
            }
        }
    }
}
