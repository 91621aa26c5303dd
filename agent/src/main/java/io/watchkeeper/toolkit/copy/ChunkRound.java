package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One attempt at a copy in chunks: begins it or goes on with it, and ends it. Everything that outlives it is in the ledger. */
final class ChunkRound {

    private final Database source;
    private final Database target;
    private final Session from;
    private final Session to;
    private final RateLimit limit;
    private final PreparedCopy copy;
    private final Set<TableName> later;
    private final boolean partOfSet;
    private final ChunkTotals totals;
    private final CopyProgress progress;
    private final ChunkSize size;
    private final List<String> notes;
    private final ChunkSource views;
    private final boolean oneView;
    private @Nullable String snapshot;
    private boolean canGoOn;
    private boolean triedChunks;

    ChunkRound(
            Database source,
            Database target,
            Session from,
            Session to,
            RateLimit limit,
            PreparedCopy copy,
            Set<TableName> later,
            boolean partOfSet,
            ChunkTotals totals,
            CopyProgress progress,
            ChunkSize size,
            List<String> notes) {
        this.source = source;
        this.target = target;
        this.from = from;
        this.to = to;
        this.limit = limit;
        this.copy = copy;
        this.later = later;
        this.partOfSet = partOfSet;
        this.totals = totals;
        this.progress = progress;
        this.size = size;
        this.notes = notes;
        this.views = new ChunkSource(copy);
        this.oneView = copy.chunking() == Chunking.ONE_VIEW;
    }

    /** Whether another attempt finds a record to go on with. */
    boolean canGoOn() {
        return canGoOn;
    }

    /** Whether it came so far that a chunk was on its way. */
    boolean triedChunks() {
        return triedChunks;
    }

    /** @param goOn whether to go on with what is on record, instead of beginning anew */
    void run(boolean goOn) throws SQLException {
        CopyLedger ledger = CopyLedger.take(to, copy.target().name());
        Optional<CopyLedger.Entry> unfinished = ledger.unfinished();
        CopyLedger.Entry entry = goOn && !oneView && unfinished.isPresent() && isSamePlan(unfinished.get())
                ? takeOver(ledger, unfinished.get())
                : begin(ledger);
        canGoOn = !oneView;
        List<TableName> filled = entry.standIn() == null ? SuspendedAutovacuum.filledBy(copy) : List.of(filled(entry));
        if (!copy.suspendsAutovacuum()) {
            // An earlier attempt may have died with it suspended.
            to.runVerbatim(SuspendedAutovacuum.restore(filled));
            copyAll(ledger, entry);
            return;
        }
        try {
            SuspendedAutovacuum.suspend(to, filled);
            copyAll(ledger, entry);
        } finally {
            // A stand-in may have the target's name by now.
            Set<TableName> either = new LinkedHashSet<>(filled);
            either.addAll(SuspendedAutovacuum.filledBy(copy));
            SuspendedAutovacuum.release(to, List.copyOf(either));
        }
    }

    private void copyAll(CopyLedger ledger, CopyLedger.Entry entry) throws SQLException {
        copyChunks(ledger, entry);
        finish(ledger, entry);
    }

    private boolean isSamePlan(CopyLedger.Entry entry) {
        boolean same = entry.plan().equals(fingerprint());
        if (!same) {
            notes.add("began anew: the copy of " + entry.since() + " was of other columns or rows");
        }
        return same;
    }

    private CopyLedger.Entry takeOver(CopyLedger ledger, CopyLedger.Entry entry) throws SQLException {
        views.open(from, entry.begun(), entry.cutBy().equals(PageRanges.KIND));
        from.rollback();
        return ledger.takeOver(entry, copy.plan().options().resume());
    }

    private CopyLedger.Entry begin(CopyLedger ledger) throws SQLException {
        SourceMark mark = views.open(from, null, false);
        if (oneView) {
            snapshot = from.one("select pg_export_snapshot()", row -> row.getString(1));
        } else {
            from.rollback();
        }
        to.begin();
        try {
            List<String> statements = new ArrayList<>();
            statements.add(SuspendedAutovacuum.restore(SuspendedAutovacuum.filledBy(copy)));
            statements.add(CopySql.pinnedSettings(copy.holdsObjectNames()));
            statements.addAll(CopySql.silence(List.of(copy)));
            statements.addAll(CopySql.empty(List.of(copy)));
            statements.addAll(CopySql.endSilence(copy));
            statements.add(CopyLedger.discard(copy.target().name()));
            to.update(String.join("; ", statements));
            StandIn standIn = copy.isSwap() ? makeStandIn() : null;
            ShapeCheck.require(to, List.of(copy.target()));
            CopyLedger.Entry entry = ledger.begin(
                    fingerprint(),
                    ChunkRanges.choose(from, copy, mark),
                    copy.plan().options().resume(),
                    copy.source().name(),
                    standIn,
                    mark);
            to.commit();
            return entry;
        } catch (SQLException | RuntimeException e) {
            to.rollback();
            throw e;
        }
    }

    /** Recorded in the transaction that makes it, so that it is found and dropped whatever comes. */
    private StandIn makeStandIn() throws SQLException {
        StandIn standIn = readStandIn();
        run(standIn.create());
        return standIn;
    }

    private StandIn readStandIn() throws SQLException {
        TableName table = copy.target().name();
        to.runVerbatim(StandIn.hold(table));
        StandIn.refuse(to, table);
        return StandIn.read(to, table, List.of(table));
    }

    /** All that decides which rows are copied and how, so that nobody goes on with another plan's chunks. */
    private String fingerprint() {
        CopyOptions options = copy.plan().options();
        List<String> texts = new ArrayList<>();
        texts.add(copy.source().name().quoted());
        texts.add(copy.target().name().quoted());
        copy.columns().forEach(column -> texts.add(column.name() + " " + column.from() + " " + column.to()));
        texts.add(options.strategy().toString());
        texts.add(String.valueOf(options.where()));
        texts.add(Identifiers.quoteAll(copy.key()));
        texts.add(String.valueOf(options.mergeBy()));
        if (copy.mergeKey() != null) {
            // Each of a merge's chunks is compared as it comes in, or never.
            texts.add("verify " + options.verify());
        }
        return Fingerprint.of(texts);
    }

    private void copyChunks(CopyLedger ledger, CopyLedger.Entry entry) throws SQLException {
        CopyOptions options = copy.plan().options();
        ChunkRanges ranges = ChunkRanges.of(copy, entry);
        ChunkQueue queue = new ChunkQueue(from, ledger, entry, ranges, size);
        progress.startFrom(queue.rowsBefore());
        if (queue.doneBefore() > 0) {
            notes.add("went on with the copy of " + entry.since() + ": " + queue.doneBefore() + " chunks were in");
        }
        ChunkWorker.Shared shared =
                new ChunkWorker.Shared(copy, entry, ranges, filled(entry), snapshot, limit, progress, totals, size);
        LoadWatch watch = new LoadWatch(options.pace(), from, to, progress);
        WorkerTuning tuning = tuning(options.pace());
        try (ChunkWorkers workers =
                new ChunkWorkers(() -> ChunkWorker.open(shared, source, target, to.work()), to.work())) {
            ChunkWorkers.Failure failure = hand(queue, workers, watch, tuning);
            if (failure != null) {
                splitAfterConflict(queue, failure);
                throw failure.rethrown();
            }
        }
    }

    private ChunkWorkers.@Nullable Failure hand(
            ChunkQueue queue, ChunkWorkers workers, LoadWatch watch, WorkerTuning tuning) throws SQLException {
        try {
            for (Chunk chunk = queue.next(); chunk != null; chunk = queue.next()) {
                watch.await();
                workers.resize(tuning.advise(System.nanoTime(), totals.rowsRead()));
                if (!workers.give(chunk)) {
                    break;
                }
                triedChunks = true;
            }
        } catch (SQLException e) {
            // The leader's connection is gone, and the workers' may not be: what they have in hand still counts.
            workers.finish();
            throw e;
        }
        if (watch.waitedSeconds() > 0) {
            notes.add("waited " + watch.waitedSeconds() + " s for the servers to have less to do");
        }
        return workers.finish();
    }

    /** A standby that cannot hold a view long enough gets smaller chunks. */
    private void splitAfterConflict(ChunkQueue queue, ChunkWorkers.Failure failure) throws SQLException {
        boolean conflict = "40001".equals(FailureClass.sqlState(failure.cause()).orElse(""));
        if (conflict && failure.chunk() != null) {
            queue.split(failure.chunk());
        }
    }

    /** Brings the target to one view of the source, proves it, and forgets the record, all in one transaction. */
    private void finish(CopyLedger ledger, CopyLedger.Entry entry) throws SQLException {
        SourceMark now = oneView
                ? entry.begun()
                : views.open(from, entry.begun(), entry.cutBy().equals(PageRanges.KIND));
        try {
            to.begin();
            List<String> statements = new ArrayList<>();
            statements.add(CopySql.pinnedSettings(copy.holdsObjectNames()));
            statements.addAll(CopySql.silence(List.of(copy)));
            statements.add("LOCK TABLE " + filled(entry).quoted() + " IN SHARE ROW EXCLUSIVE MODE");
            to.update(String.join("; ", statements));
            StandIn standIn = entry.standIn() == null ? null : sameStandIn(entry);
            settle(ledger, entry, now, standIn);
            if (standIn != null) {
                run(standIn.link());
                run(standIn.release());
                run(standIn.replace());
            }
            CopyTransaction.complete(to, copy, later);
            if (partOfSet) {
                ledger.keep(entry);
            } else {
                ledger.forget(entry);
            }
            to.commit();
        } catch (SQLException | RuntimeException e) {
            to.rollback();
            if (e instanceof Mismatch mismatch) {
                // Going on with these chunks would end here again.
                to.runVerbatim(CopyLedger.discard(copy.target().name()));
                canGoOn = false;
                throw mismatch.told;
            }
            throw e;
        } finally {
            from.rollback();
        }
    }

    private StandIn sameStandIn(CopyLedger.Entry entry) throws SQLException {
        StandIn standIn = readStandIn();
        if (!Fingerprint.of(standIn.create()).equals(entry.standInMade())) {
            throw new ChunkSource.SourceBrokenException("the table was altered on the target");
        }
        return standIn;
    }

    private void run(List<String> statements) throws SQLException {
        for (String statement : statements) {
            to.runVerbatim(statement);
        }
    }

    private void settle(CopyLedger ledger, CopyLedger.Entry entry, SourceMark now, @Nullable StandIn standIn)
            throws SQLException {
        TableName filled = filled(entry);
        CatchUp catchUp = new CatchUp(from, to, copy, filled, limit, progress);
        if (!oneView) {
            progress.stage("catch up");
            long start = System.nanoTime();
            RowStream changed = catchUp.stream();
            long written = copy.mergeKey() == null
                    ? catchUp.replaceChanged(changed, entry.begun(), now)
                    : catchUp.mergeChanged(changed, entry.begun(), now);
            totals.addCaughtUp(changed, written);
            totals.add(CopyResult.Stage.LOAD, Duration.ofNanos(System.nanoTime() - start));
        }
        if (standIn != null) {
            long start = System.nanoTime();
            progress.stage("index");
            run(standIn.build());
            totals.add(CopyResult.Stage.INDEX, Duration.ofNanos(System.nanoTime() - start));
        }
        if (copy.mergeKey() != null) {
            return; // its chunks were compared one by one, and other rows of the target are none of its business
        }
        if (copy.plan().options().verify()) {
            long start = System.nanoTime();
            progress.stage("verify");
            verify(catchUp, filled);
            totals.add(CopyResult.Stage.VERIFY, Duration.ofNanos(System.nanoTime() - start));
        } else if (ledger.hasLeftOut(entry)) {
            // What another view of the source excuses is in by now; what nothing excuses must not be passed over.
            verify(catchUp, filled);
        } else if (copy.plan().options().where() != null && !oneView) {
            note(catchUp.repair());
        } else if (!oneView) {
            catchUp.deleteGone();
        }
    }

    private void note(long repaired) {
        if (repaired > 0) {
            notes.add(repaired + " rows differed when all chunks were in, and were copied again: others write to "
                    + copy.target().name() + ", or the condition depends on more than the row");
        }
    }

    /** Most copies meet no deletions: only where the sides differ, rows that are gone are looked for, and then any others. */
    private void verify(CatchUp catchUp, TableName filled) throws SQLException {
        DigestCheck check = new DigestCheck(from, to, copy);
        String there = CopySql.targetDigest(copy, filled);
        DigestCheck.Outcome outcome = check.compare(there);
        if (!outcome.isMatch() && !oneView && catchUp.deleteGone() > 0) {
            outcome = check.compare(there);
        }
        if (!outcome.isMatch()) {
            note(catchUp.repair());
            outcome = check.compare(there);
        }
        if (!outcome.isMatch()) {
            throw new Mismatch(check.mismatch(
                    outcome, "the copied rows are in the target, unproven; the next run copies all of them again"));
        }
    }

    /** The sides differ though all chunks are in. */
    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient OperatorException told;

        Mismatch(OperatorException told) {
            super(told.getMessage());
            this.told = told;
        }
    }

    private TableName filled(CopyLedger.Entry entry) {
        return entry.standIn() == null ? copy.target().name() : TableName.parse(entry.standIn());
    }

    private WorkerTuning tuning(Pace pace) {
        int most = ChunkedCopier.mostWorkers(source, target, pace.workersAskedFor());
        // Whoever disables a trigger, or deletes before it inserts, locks the others out of the table.
        boolean alone = !copy.triggersToDisable().isEmpty()
                || (copy.mergeKey() != null && copy.mergeKey().byDelete());
        return alone || pace.workersAskedFor() != null ? WorkerTuning.fixed(alone ? 1 : most) : WorkerTuning.upTo(most);
    }
}
