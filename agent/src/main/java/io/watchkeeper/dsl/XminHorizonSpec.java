package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.maintenance.XminLimits;
import java.time.Duration;

/** {@code xminHorizon('shore') { … }} */
@Block(
        name = "xminHorizon",
        value = "For how long dead rows may be kept.",
        words = {"warn", "fail", "transactions", "reportOnly"})
public final class XminHorizonSpec extends ReviewSpec {

    private Duration warn = XminLimits.WARN;
    private Duration fail = XminLimits.FAIL;
    private long transactions = XminLimits.TRANSACTIONS;

    XminHorizonSpec() {}

    @Word(value = "From so long on it is to be looked at.", example = "warn 30.minutes", byDefault = "1.hour")
    public void warn(Duration limit) {
        warn = limit;
    }

    @Word(value = "From so long on it is to be mended now.", example = "fail 6.hours", byDefault = "12.hours")
    public void fail(Duration limit) {
        fail = limit;
    }

    @Word(
            value = "Or, to be looked at, after so many transactions, however short the time.",
            example = "transactions 1_000_000",
            byDefault = "10_000_000")
    public void transactions(long count) {
        transactions = count;
    }

    XminLimits limits() {
        if (fail.compareTo(warn) < 0) {
            throw new OperatorException("'fail' comes before 'warn'", "give warn the shorter time.");
        }
        return new XminLimits(warn, fail, transactions);
    }
}
