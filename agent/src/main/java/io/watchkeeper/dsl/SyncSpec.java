package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.sync.LocalEdits;
import io.watchkeeper.toolkit.sync.MaxDeletes;
import io.watchkeeper.toolkit.sync.SyncMode;
import io.watchkeeper.toolkit.sync.SyncOptions;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.time.Duration;

/** The options that one table and several have when they are kept the same. */
public abstract sealed class SyncSpec extends PairSpec permits SyncTableSpec, SyncTablesSpec {

    private SyncOptions options = SyncOptions.DEFAULT;

    SyncSpec(String verb, TextChecks texts) {
        super(verb, texts);
    }

    @Word(
            value = "How a round finds what was written since the last one. [Syncing](syncing.md) says what each sees.",
            example = "mode hybrid",
            byDefault = "auto")
    public void mode(SyncMode how) {
        options = options.withMode(how);
    }

    @Word(
            value = "How a round finds what was written since the last one. [Syncing](syncing.md) says what each sees.",
            example = "mode hybrid",
            byDefault = "auto")
    public void mode(Auto chosen) {
        options = options.withMode(SyncMode.AUTO);
    }

    @Word(
            value = "The column that every change of a row moves forward, for modes timestamp and hybrid.",
            example = "watermark 'updated_at'",
            byDefault = "none")
    public void watermark(@Checked(TextKind.NAME) String column) {
        options = options.withWatermark(texts().require(TextKind.NAME, column));
    }

    @Word(
            value =
                    "How far before the newest watermark seen a round begins, with modes timestamp and hybrid: longer than any"
                            + " transaction takes that writes the column.",
            example = "overlap 5.minutes",
            byDefault = "5.minutes")
    public void overlap(Duration time) {
        if (time.isNegative()) {
            throw new OperatorException("'overlap' is negative: " + time, null);
        }
        options = options.withOverlap(time);
    }

    @Word(
            value = "Whether rows that are gone from the source are deleted from the target.",
            example = "deletes false",
            byDefault = "true")
    public void deletes(boolean yes) {
        options = options.withDeletes(yes);
    }

    @Word(
            value =
                    "The brake: a round that would delete more than this share of the target's rows, or more rows than this,"
                            + " changes nothing and fails. `100.percent` lifts it.",
            example = "maxDeletes 20.percent",
            byDefault = "20.percent")
    public void maxDeletes(Ratio share) {
        options = options.withMaxDeletes(MaxDeletes.of(share));
    }

    public void maxDeletes(long rows) {
        if (rows < 0) {
            throw new OperatorException("'maxDeletes' is negative: " + rows, "0 forbids every deletion.");
        }
        options = options.withMaxDeletes(MaxDeletes.of(rows));
    }

    @Word(
            value = "What becomes of rows that somebody else has written on the target since the last round.",
            example = "localEdits keep",
            byDefault = "sourceWins")
    public void localEdits(LocalEdits policy) {
        options = options.withLocalEdits(policy);
    }

    @Word(
            value = "With mode hybrid, how often a round goes by the horizon instead of the watermark.",
            example = "proveEvery 1.hour",
            byDefault = "1.hour")
    public void proveEvery(Duration time) {
        options = options.withProveEvery(positive("proveEvery", time));
    }

    @Word(
            value = "With mode hybrid, how often a round compares all rows.",
            example = "verifyEvery 1.day",
            byDefault = "1.day")
    public void verifyEvery(Duration time) {
        options = options.withVerifyEvery(positive("verifyEvery", time));
    }

    @Word(
            value =
                    "Whether columns that were added on the source are added to the target. Otherwise they stop the table.",
            example = "followColumns true",
            byDefault = "false")
    public void followColumns(boolean yes) {
        options = options.withFollowColumns(yes);
    }

    @Word(
            value =
                    "Whether the target keeps, in a column `source_xmin` that the agent adds and indexes, the source's transaction that wrote"
                            + " each row. The result says how they are spread.",
            example = "sourceXmin true",
            byDefault = "false")
    public void sourceXmin(boolean yes) {
        options = options.withSourceXmin(yes);
    }

    @Word(
            value = "Whether each round ends with a comparison of all rows of both sides, before the target commits.",
            example = "verify true",
            byDefault = "false")
    public void verify(boolean yes) {
        options = options.withVerify(yes);
    }

    @Word(
            value =
                    "How many streams at once, in `syncTables`: tables that foreign keys tie together go in one. A single table"
                            + " goes in one.",
            example = "workers 4",
            byDefault = "auto")
    @Override
    public void workers(int streams) {
        super.workers(streams);
    }

    @Override
    public void workers(Auto chosen) {
        super.workers(chosen);
    }

    @Word(value = "Rows that are brought in one transaction.", example = "batch 50_000", byDefault = "auto")
    public void batch(int rows) {
        if (rows < 1) {
            throw new OperatorException("'batch' is " + rows, "a transaction brings at least one row.");
        }
        changePace(pace -> pace.withBatch((long) rows));
    }

    @Word(value = "Rows that are brought in one transaction.", example = "batch 50_000", byDefault = "auto")
    public void batch(Auto chosen) {
        changePace(pace -> pace.withBatch(null));
    }

    @Choice(
            of = {"mode", "workers", "batch"},
            value = "Chosen from the table and the servers; the plan and the result say which mode it is, and why.")
    public Auto getAuto() {
        return Auto.AUTO;
    }

    @Choice(
            of = "mode",
            value =
                    "By the horizon of the last round's snapshot: every row whose xmin that snapshot did not see. Scans the"
                            + " table, and loses nothing.")
    public SyncMode getXmin() {
        return SyncMode.XMIN;
    }

    @Choice(
            of = "mode",
            value = "By `watermark`. Cheap with an index on that column; sees no change that leaves the column alone.")
    public SyncMode getTimestamp() {
        return SyncMode.TIMESTAMP;
    }

    @Choice(
            of = "mode",
            value = "By `watermark` in most rounds, by the horizon every `proveEvery`, by comparing all rows every"
                    + " `verifyEvery`.")
    public SyncMode getHybrid() {
        return SyncMode.HYBRID;
    }

    @Choice(of = "mode", value = "By comparing checksums of all rows; what differs is repaired.")
    public SyncMode getFull() {
        return SyncMode.FULL;
    }

    @Choice(
            of = "mode",
            value =
                    "By a subscription of the target's server, taken over from polling without a copy; another mode later"
                            + " gives the table back. See [Streaming](streaming.md).")
    public SyncMode getStream() {
        return SyncMode.STREAM;
    }

    @Choice(of = "localEdits", value = "They become as the source has them.")
    public LocalEdits getSourceWins() {
        return LocalEdits.SOURCE_WINS;
    }

    @Choice(of = "localEdits", value = "They stay and are reported, until they are the same as the source's again.")
    public LocalEdits getKeep() {
        return LocalEdits.KEEP;
    }

    @Choice(of = "localEdits", value = "The table is not synchronised while there are any, and the step fails.")
    public LocalEdits getFail() {
        return LocalEdits.FAIL;
    }

    private static Duration positive(String word, Duration time) {
        if (time.isZero() || time.isNegative()) {
            throw new OperatorException("'" + word + "' is " + DurationText.say(time), "give a time, as 1.hour.");
        }
        return time;
    }

    /** @throws OperatorException when a mode lacks what it goes by */
    final SyncOptions options() {
        SyncMode mode = options.mode();
        if ((mode == SyncMode.TIMESTAMP || mode == SyncMode.HYBRID) && options.watermark() == null) {
            throw new OperatorException(
                    "mode " + mode + " needs a column to go by",
                    "name the one that every change moves forward: watermark 'updated_at'. Mode xmin needs none.");
        }
        return options.withColumns(columnNames())
                .withWhere(condition())
                .withKey(keyColumns())
                .withPace(pace());
    }
}
