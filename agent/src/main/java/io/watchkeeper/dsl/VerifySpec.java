package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.verify.DeleteBrake;
import io.watchkeeper.toolkit.verify.Repair;
import io.watchkeeper.toolkit.verify.VerifyBy;
import io.watchkeeper.toolkit.verify.VerifyOptions;
import io.watchkeeper.units.Ratio;
import java.time.Duration;

/** The options that one table and several have when they are compared. */
public abstract sealed class VerifySpec extends PairSpec permits VerifyTableSpec, VerifyTablesSpec {

    private VerifyOptions options = VerifyOptions.DEFAULT;
    private OnMismatch onMismatch = OnMismatch.FAIL;

    VerifySpec(String verb, TextChecks texts) {
        super(verb, texts);
    }

    @Word(value = "The database whose rows are right.", example = "from 'shore'")
    @Override
    public void from(@Checked(TextKind.DATABASE) String database) {
        super.from(database);
    }

    @Word(value = "The database whose rows are compared with them.", example = "to 'ship'")
    @Override
    public void to(@Checked(TextKind.DATABASE) String database) {
        super.to(database);
    }

    @Word(value = "What of the rows is compared.", example = "by keys", byDefault = "checksum")
    public void by(VerifyBy what) {
        options = options.withBy(what);
    }

    @Word(
            value = "The share of the rows that is compared, chosen anew by every verification.",
            example = "sample 1.percent",
            byDefault = "all rows")
    public void sample(Ratio share) {
        options = options.withSample(share);
    }

    @Word(value = "What is done about differences.", example = "repair plan", byDefault = "none")
    public void repair(Repair what) {
        options = options.withRepair(what);
    }

    @Word(
            value =
                    "What differences mean for the run that are left in the end. A verification that could not be done fails it"
                            + " in any case.",
            example = "onMismatch report",
            byDefault = "fail")
    public void onMismatch(OnMismatch what) {
        onMismatch = what;
    }

    @Word(
            value =
                    "The brake of `repair apply`: if more than this share of the target's rows, or more rows than this, would be"
                            + " deleted, nothing is changed. `100.percent` lifts it.",
            example = "maxDeletes 20.percent",
            byDefault = "20.percent")
    public void maxDeletes(Ratio share) {
        options = options.withMaxDeletes(DeleteBrake.of(share));
    }

    public void maxDeletes(long rows) {
        if (rows < 0) {
            throw new OperatorException("'maxDeletes' is negative: " + rows, "0 forbids every deletion.");
        }
        options = options.withMaxDeletes(DeleteBrake.of(rows));
    }

    @Word(
            value =
                    "How long rows that differ are waited for, in all, in case they are only on their way to the target.",
            example = "patience 30.seconds",
            byDefault = "2.seconds")
    public void patience(Duration time) {
        if (time.isNegative()) {
            throw new OperatorException("'patience' is negative: " + time, null);
        }
        options = options.withPatience(time);
    }

    @Word(
            value =
                    "How long one look at both servers may take: larger tables are compared in ranges of their key, and an"
                            + " interrupted verification goes on at the next range.",
            example = "chunkTime 10.seconds",
            byDefault = "10.seconds")
    public void chunkTime(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new OperatorException("'chunkTime' of nothing would never end", "give a time, as 10.seconds.");
        }
        options = options.withChunkTime(time);
    }

    @Word(
            value = "How many tables at once, with `verifyTables`. A single table takes one connection to each server.",
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

    @Word(
            value =
                    "At most this much per second of rows that `repair apply` brings. Comparing sends digests, not rows.",
            example = "rateLimit 2.megabytes",
            byDefault = "as fast as it goes")
    @Override
    public void rateLimit(io.watchkeeper.units.Bytes perSecond) {
        super.rateLimit(perSecond);
    }

    @Choice(of = "workers", value = "As many as leave half of the connections to others.")
    public Auto getAuto() {
        return Auto.AUTO;
    }

    @Choice(of = "by", value = "All values of all rows, by sums of hashes.")
    public VerifyBy getChecksum() {
        return VerifyBy.CHECKSUM;
    }

    @Choice(of = "by", value = "How many rows there are.")
    public VerifyBy getCount() {
        return VerifyBy.COUNT;
    }

    @Choice(of = "by", value = "Which keys there are.")
    public VerifyBy getKeys() {
        return VerifyBy.KEYS;
    }

    @Choice(of = "repair", value = "They are reported.")
    public Repair getNone() {
        return Repair.NONE;
    }

    @Choice(of = "repair", value = "The statements that would repair them are written down, and nothing is changed.")
    public Repair getPlan() {
        return Repair.PLAN;
    }

    @Choice(of = "repair", value = "The target's rows become as the source has them, and are compared again.")
    public Repair getApply() {
        return Repair.APPLY;
    }

    @Choice(of = "onMismatch", value = "The step fails.")
    public OnMismatch getFail() {
        return OnMismatch.FAIL;
    }

    @Choice(of = "onMismatch", value = "The log has a warning, and the run goes on.")
    public OnMismatch getReport() {
        return OnMismatch.REPORT;
    }

    final OnMismatch onMismatch() {
        return onMismatch;
    }

    final VerifyOptions options() {
        return options.withColumns(columnNames())
                .withWhere(condition())
                .withKey(keyColumns())
                .withPace(pace());
    }
}
