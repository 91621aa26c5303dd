package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Copies one table in chunks. Each is a transaction of its own that also records, in the target, that the chunk is in; so whatever
 * fails or dies, at most the chunks in flight are copied again. The last transaction brings the rows that were written meanwhile,
 * removes those that are gone, compares both sides in one view of the source, and forgets the record.
 *
 * <p>What can pass by itself, a lost link or a server that restarts, is tried again here, from the record, before it becomes a
 * failure of the run.
 */
final class ChunkedCopier {

    /** Attempts in a row without one chunk that came in. */
    private static final int ATTEMPTS = 5;

    /** A link that is down for so long comes back within one run; where all say so at once, attempts alone are over sooner. */
    private static final Duration OUTAGE = Duration.ofSeconds(40);

    private static final int RESTARTS = 3;
    private static final long FIRST_PAUSE_MS = 500;
    private static final int LONGEST_PAUSE = 3;

    private final Database source;
    private final Database target;
    private final Work work;
    private final RateLimit limit;
    private final PreparedCopy copy;
    private final Set<TableName> later;
    private final boolean partOfSet;
    private final ChunkTotals totals = new ChunkTotals();
    private final CopyProgress progress;
    private final List<String> notes = new ArrayList<>();
    private final ChunkSize size;
    private boolean goOn;
    private boolean triedChunks;

    /**
     * @param later tables that are copied after this one; foreign keys to and from them are checked then
     * @param partOfSet whether the record stays when this table is done, for all of them to be gone on with
     */
    ChunkedCopier(
            Database source,
            Database target,
            Work work,
            RateLimit limit,
            PreparedCopy copy,
            Set<TableName> later,
            boolean partOfSet) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.limit = limit;
        this.copy = copy;
        this.later = later;
        this.partOfSet = partOfSet;
        this.progress = new CopyProgress(work, copy);
        this.size = ChunkSize.of(copy.plan().options().pace().batch(), copy);
        this.goOn = copy.plan().options().resume();
    }

    /** @throws OperatorException when it failed for good; what is in stays in, and on record */
    CopyResult copy() throws SQLException {
        try (progress) {
            return copyWithRetries();
        }
    }

    private CopyResult copyWithRetries() throws SQLException {
        long start = System.nanoTime();
        long progressed = start;
        int failures = 0;
        int restarts = 0;
        while (true) {
            int before = totals.chunks();
            triedChunks = false;
            try {
                runOnce();
                return result(Duration.ofNanos(System.nanoTime() - start));
            } catch (ChunkSource.SourceBrokenException e) {
                notes.add("began again: " + e.getMessage());
                goOn = false;
                if (++restarts > RESTARTS) {
                    throw new OperatorException(
                            copy.source().name() + " could not be copied, because each time "
                                    + copy.source().name() + " changed under it: " + e.getMessage(),
                            "copy it when nobody alters the table.",
                            e);
                }
            } catch (SQLException | OperatorException e) {
                if (totals.chunks() > before || (isLost(e) && triedChunks && size.shrink())) {
                    failures = 0;
                    progressed = System.nanoTime();
                }
                failures++;
                boolean outage = isLost(e) && System.nanoTime() - progressed < OUTAGE.toNanos();
                if (!mayPass(e) || (failures >= ATTEMPTS && !outage)) {
                    throw failed(e);
                }
                pause(Math.min(failures, LONGEST_PAUSE + 1));
            }
        }
    }

    private static boolean mayPass(Exception e) {
        String state = FailureClass.sqlState(e).orElse("");
        // A table that stays locked, or a full disk, is for a person to know now.
        return FailureClass.of(e) == FailureClass.RETRYABLE
                && !state.equals(SqlStates.LOCK_NOT_AVAILABLE)
                && (!state.startsWith("53") || state.equals(SqlStates.TOO_MANY_CONNECTIONS));
    }

    private static boolean isLost(Exception e) {
        return FailureClass.sqlState(e).orElse("").startsWith("08");
    }

    private void pause(int failures) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FIRST_PAUSE_MS << (failures - 1));
        while (System.nanoTime() - until < 0) {
            work.throwIfCancelled();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private void runOnce() throws SQLException {
        try (Session from = source.open(work);
                Session to = target.open(work)) {
            ChunkRound round = new ChunkRound(
                    source, target, from, to, limit, copy, later, partOfSet, totals, progress, size, notes);
            try {
                round.run(goOn);
            } finally {
                // What was begun here is gone on with, also where the next run would begin anew.
                goOn |= round.canGoOn();
                triedChunks = round.triedChunks();
            }
        }
    }

    private OperatorException failed(Exception e) {
        if (e instanceof OperatorException known && known.getCause() == null) {
            return known;
        }
        boolean kept = copy.plan().options().resume();
        String message = "copying " + copy.source().name() + " from '" + source.name() + "' to '" + target.name()
                + "' failed after " + totals.chunks() + " chunks (" + totals.rowsWritten() + " rows): "
                + CopyFailure.words(e);
        String hint = kept
                ? "run it again once the cause is gone: it goes on with what is missing."
                : "run it again once the cause is gone; with  resume true  it would go on with what is missing.";
        String own =
                e instanceof OperatorException known ? known.hint() : CopyFailure.hint(e, target.name(), List.of(copy));
        return new OperatorException(message, own == null ? hint : own + " Then " + hint, e);
    }

    private CopyResult result(Duration duration) {
        return new CopyResult(
                copy.source().name(),
                copy.target().name(),
                source.name(),
                target.name(),
                copy.plan().options().strategy(),
                copy.format(),
                totals.rowsRead(),
                totals.rowsWritten(),
                totals.bytes(),
                totals.chunks(),
                duration,
                totals.stages(),
                copy.plan().options().verify(),
                notes());
    }

    private List<String> notes() {
        List<String> all = new ArrayList<>(copy.notes());
        all.addAll(notes);
        return all;
    }

    /** How many workers a copy may have at most; the leader has a connection on each side, too. */
    static int mostWorkers(Database source, Database target, @Nullable Integer asked) {
        int free = source == target
                ? source.settings().maxConnections() / 2 - 1
                : Math.min(source.settings().maxConnections(), target.settings().maxConnections()) - 1;
        if (free < 1) {
            throw new OperatorException(
                    "a copy in chunks needs two connections to '" + source.name() + "' and two to '" + target.name()
                            + "', and fewer are allowed",
                    "raise their maxConnections, or copy in one transaction: leave resume, batch and workers out.");
        }
        return asked == null ? Math.min(free, 4) : Math.min(free, asked);
    }
}
