package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyProgress;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.DigestCheck;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.toolkit.copy.RowStream;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.copy.TargetQuestions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One table's part of a round: in one view of the source, and in one transaction of the target, both of which somebody else begins and
 * ends. The steps are called in the order they stand here, so that several tables can take each of them together.
 */
final class TableRound {

    /** With more rows than this written by others, comparing all rows is less work than looking after each. */
    private static final long MANY = 10_000;

    private final Session source;
    private final Session target;
    private final PreparedSync sync;
    private final SyncRecord record;
    private final @Nullable SyncState state;
    private final SourceMark now;
    private final Largeness largeness;
    private final CopyProgress progress;
    private final RowStream stream;
    private final RowStream keyStream;
    private final Staging staging;
    private final Differences differences;
    private final AppliedRows applied;
    private final List<String> notes = new ArrayList<>();
    private final Map<SyncResult.Stage, Duration> stages = new EnumMap<>(SyncResult.Stage.class);
    private final long begun = System.nanoTime();

    private Decision decision;
    private TargetMark.@Nullable Now there;
    private boolean untouched;
    private @Nullable LocalRows local;
    private @Nullable String watermark;
    private long gone;
    private long written;
    private long filled;
    private boolean verified;

    TableRound(
            Session source,
            Session target,
            PreparedSync sync,
            SyncRecord record,
            @Nullable SyncState state,
            SourceMark now,
            Decision decision,
            RateLimit limit,
            Largeness largeness,
            CopyProgress progress,
            int number) {
        this.largeness = largeness;
        this.source = source;
        this.target = target;
        this.sync = sync;
        this.record = record;
        this.state = state;
        this.now = now;
        this.decision = decision;
        this.progress = progress;
        this.stream = new RowStream(source, target, limit, progress);
        this.keyStream = new RowStream(source, target, limit, progress);
        this.staging = new Staging(sync, target, stream, keyStream, now, number);
        this.differences = new Differences(source, target, sync, staging);
        this.applied = new AppliedRows(source, target, sync, staging);
        this.notes.addAll(sync.copy().notes());
    }

    PreparedSync sync() {
        return sync;
    }

    Staging staging() {
        return staging;
    }

    // --- what the source has ---------------------------------------------------------------------------------------

    /** Finds the rows that were written on the source, and brings them into a temporary table of the target. */
    void read() throws SQLException {
        if (!sync.watermarkType().isEmpty()) {
            progress.stage("watermark");
            watermark = source.oneVerbatim(Watermark.read(sync, now.standby()), row -> row.getString(1));
        }
        if (state == null || decision.mode() == SyncMode.FULL) {
            return;
        }
        long start = System.nanoTime();
        progress.stage("scan");
        SourceScan scan = new SourceScan(source, sync, state, now, decision, staging);
        if (decision.mode() == SyncMode.TIMESTAMP) {
            scan.byWatermark();
            notes.add(Watermark.blindness(sync));
        } else {
            differences.knowSourceRows(scan.byHorizon(largeness));
        }
        took(SyncResult.Stage.EXTRACT, start);
    }

    // --- what that means for the target, whose table is locked against writers from here on -------------------------

    /** Locks the target's table, and finds out what is gone from the source and what others did to the target. */
    void settle() throws SQLException {
        progress.stage("compare");
        target.runVerbatim("LOCK TABLE " + sync.target().quotedAlone() + " IN SHARE ROW EXCLUSIVE MODE");
        there = TargetMark.read(target, sync.target());
        long start = System.nanoTime();
        untouched = state != null && state.target().isUntouched(there);
        if (state != null && !untouched) {
            lookForLocalRows(state);
        }
        if (decision.mode() == SyncMode.FULL) {
            progress.stage("compare rows");
            differences.compareRows();
        } else {
            compareCounts();
        }
        took(SyncResult.Stage.COMPARE, start);
        requireBrake();
    }

    private void lookForLocalRows(SyncState before) throws SQLException {
        LocalRows found = new LocalRows(target, sync, staging, before);
        long rows = found.count(there());
        if (rows == 0) {
            return;
        }
        local = found;
        if (sync.options().localEdits() == LocalEdits.FAIL) {
            throw found.refusal();
        }
        boolean sourceWins = sync.options().localEdits() == LocalEdits.SOURCE_WINS;
        if (decision.mode() != SyncMode.FULL && sourceWins && (rows > MANY || !found.keysAreExact())) {
            decision = new Decision(
                    SyncMode.FULL,
                    rows + " rows of the target were written by others since the last round",
                    decision.unseen(),
                    false);
        }
    }

    /** The target's rows and those that are new make as many as the source has: then nothing is gone. Else keys are compared. */
    private void compareCounts() throws SQLException {
        long sourceRows = differences.sourceRows();
        if (local != null && sync.options().localEdits() == LocalEdits.SOURCE_WINS) {
            local.bringFromSource(sourceRows < 0 ? Math.max(0, sync.source().estimatedRows()) : sourceRows);
        }
        if (untouched && state != null && state.rows() >= 0) {
            differences.knowTargetRows(state.rows());
        } else {
            differences.countTarget();
        }
        differences.countFresh();
        boolean keeps = sync.options().localEdits() == LocalEdits.KEEP
                && (local != null || (state != null && state.kept() > 0));
        // Counts prove something only where the target has just the rows that the last round left.
        boolean asLeft = state != null && local == null && differences.targetRows() == state.rows() && !keeps;
        boolean seesAll = decision.mode() == SyncMode.XMIN && sync.options().where() == null;
        if (asLeft
                && (!sync.options().deletes()
                        || (seesAll && differences.targetRows() + differences.fresh() == sourceRows))) {
            return;
        }
        progress.stage("compare keys");
        differences.compareKeys(state != null && seesAll);
    }

    private void requireBrake() throws SQLException {
        keepLocalRows();
        if (differences.targetRows() < 0) {
            differences.countTarget();
        }
        long rows = differences.targetRows();
        if (staging.hasGone() && sync.options().deletes()) {
            gone = staging.count(staging.gone());
        }
        if (!sync.options().maxDeletes().allows(gone, rows)) {
            throw new OperatorException(
                    gone + " of the " + rows + " rows of " + sync.target().name() + " in database '"
                            + target.database().name() + "' are not in "
                            + sync.source().name() + " of '"
                            + source.database().name() + "' any more, and the brake is at "
                            + sync.options().maxDeletes() + "; nothing was changed",
                    "if they are meant to go: maxDeletes 100.percent, for this run; else look at the source first.");
        }
        applied.requireCounts(differences.sourceRows(), rowsAfter());
    }

    private long rowsAfter() {
        return differences.targetRows() + differences.fresh() - gone;
    }

    private void keepLocalRows() throws SQLException {
        boolean keeps = sync.options().localEdits() == LocalEdits.KEEP;
        if (state != null && keeps && (local != null || state.kept() > 0)) {
            LocalRows rows = local == null ? new LocalRows(target, sync, staging, state) : local;
            local = rows;
            rows.keep();
            differences.countFresh();
        }
    }

    // --- changing the target -----------------------------------------------------------------------------------------

    /** Gone keys first: they may hold a unique value that a changed row has now. */
    void deleteGone() throws SQLException {
        if (gone > 0) {
            long start = System.nanoTime();
            progress.stage("merge");
            applied.requireDeleted(
                    gone,
                    target.updateVerbatim("DELETE FROM " + sync.target().quotedAlone() + " t USING " + staging.gone()
                            + " g WHERE " + sync.equalKeys("t", "g")));
            took(SyncResult.Stage.MERGE, start);
        }
    }

    void merge() throws SQLException {
        if (!staging.isEmpty()) {
            long start = System.nanoTime();
            progress.stage("merge");
            written = staging.merge().apply(target);
            applied.requireWritten(differences.fresh(), written);
            took(SyncResult.Stage.MERGE, start);
        }
        long rows = differences.sourceRows();
        filled = new XminFill(target, sync, staging, keyStream, now)
                .fill(rows < 0 ? Math.max(0, sync.source().estimatedRows()) : rows);
    }

    /** Compares what must be the same by now. */
    void verify() throws SQLException {
        verified = differences.isNone();
        boolean comparable = sync.options().deletes() && keptRows() == 0;
        if (verified || !(sync.options().verify() || decision.mode() == SyncMode.FULL)) {
            return;
        }
        if (!comparable) {
            notes.add(
                    sync.options().deletes()
                            ? "not compared at the end: rows are kept that differ"
                            : "not compared at the end: rows that are gone from the source stay");
            return;
        }
        long start = System.nanoTime();
        progress.stage("verify");
        DigestCheck check = new DigestCheck(source, target, sync.copy());
        String scope =
                sync.options().where() == null ? "true" : "(" + sync.options().where() + "\n)";
        DigestCheck.Outcome outcome = check.compare(
                CopySql.sourceDigest(sync.copy()), CopySql.targetDigest(sync.copy(), scope), TargetQuestions.NONE);
        if (!outcome.isMatch()) {
            throw check.mismatch(outcome, "the round was undone, and the target left as it was");
        }
        verified = true;
        took(SyncResult.Stage.VERIFY, start);
    }

    /** Moves sequences on, and looks for rows that refer to nothing. @param later tables that this transaction has yet to change */
    void check() throws SQLException {
        if (written == 0 && gone == 0) {
            return;
        }
        new References(target, sync, staging).check(written > 0, gone > 0);
        if (written > 0) {
            for (var sequence : sync.target().sequences()) {
                if (sync.copy().columnNames().contains(sequence.column())) {
                    target.runVerbatim(CopySql.advance(sync.target(), sequence));
                }
            }
        }
    }

    /** Writes down how far the table is. @return what the round did, once its transaction commits */
    SyncResult finish() throws SQLException {
        long changed = written + gone + staging.merge().removed() + filled;
        TargetMark mark =
                untouched && state != null ? state.target().next(there(), changed) : TargetMark.after(there(), changed);
        boolean proven = decision.mode() != SyncMode.TIMESTAMP;
        // With rows that are gone from the source among them, the target's count says nothing of the source's.
        long rows = sync.options().deletes() ? rowsAfter() : -1;
        long id = record.save(
                state,
                new SyncRecord.Outcome(
                        sync.source().name(),
                        sync.fingerprint(),
                        sync.sourceColumns(),
                        decision.mode(),
                        decision.reason(),
                        // A failover that loses what this round has brought is noticed by where it read, proven or not.
                        proven || state == null ? now : now.withWindowOf(state.mark()),
                        rows,
                        watermark,
                        proven,
                        verified,
                        mark));
        if (local != null && local.keeps()) {
            local.save(record, id);
        } else if (state != null && state.kept() > 0) {
            record.saveKept(id, "SELECT NULL::text[] WHERE false");
        }
        @Nullable
        XminSpread spread = sync.xmin() == SourceXmin.Use.KEPT
                ? target.oneVerbatim(sync.targetRows(XminSpread.FIGURES, null), XminSpread::read)
                : null;
        return result(spread);
    }

    private TargetMark.Now there() {
        if (there == null) {
            throw new IllegalStateException("not settled");
        }
        return there;
    }

    private long keptRows() {
        return local == null ? 0 : local.kept();
    }

    private SyncResult result(@Nullable XminSpread spread) {
        if (local != null && local.rows() > 0) {
            notes.add(local.note());
        }
        if (keptRows() > 0) {
            notes.add(keptRows() + " rows that others wrote are kept, and differ from the source");
        }
        stages.put(SyncResult.Stage.LOAD, stream.loadTime());
        return new SyncResult(
                sync.source().name(),
                sync.target().name(),
                source.database().name(),
                target.database().name(),
                decision.mode(),
                decision.reason(),
                false,
                stream.rowsRead(),
                written,
                gone,
                local == null ? 0 : local.rows(),
                keptRows(),
                stream.bytes() + keyStream.bytes(),
                1,
                Duration.ofNanos(System.nanoTime() - begun),
                stages,
                decision.mode() == SyncMode.TIMESTAMP && watermark != null ? watermark : String.valueOf(now.horizon()),
                now.lsn(),
                verified,
                notes,
                spread);
    }

    private void took(SyncResult.Stage stage, long start) {
        stages.merge(stage, Duration.ofNanos(System.nanoTime() - start), Duration::plus);
    }
}
