package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.ConnectionCheck;
import io.watchkeeper.units.Ratio;
import java.time.Duration;

/** {@code connections('shore') { … }} */
@Block(
        name = "connections",
        value = "How many connections there may be, and how long a transaction may be open.",
        words = {"warn", "fail", "transactionWarn", "transactionFail", "reportOnly"})
public final class ConnectionsSpec extends LookSpec {

    private Ratio warn = ConnectionCheck.USUAL.warn();
    private Ratio fail = ConnectionCheck.USUAL.fail();
    private Duration transactionWarn = ConnectionCheck.USUAL.transactionWarn();
    private Duration transactionFail = ConnectionCheck.USUAL.transactionFail();

    ConnectionsSpec() {}

    @Word(
            value = "So large a share of the connections that are not reserved for superusers is a warning.",
            example = "warn 70.percent",
            byDefault = "80.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "So large a share of them fails the step.", example = "fail 90.percent", byDefault = "95.percent")
    public void fail(Ratio share) {
        fail = share;
    }

    @Word(
            value = "A transaction open for so long, idle, working or prepared, is a warning.",
            example = "transactionWarn 5.minutes",
            byDefault = "10.minutes")
    public void transactionWarn(Duration time) {
        transactionWarn = time;
    }

    @Word(
            value = "A transaction open for so long fails the step.",
            example = "transactionFail 30.minutes",
            byDefault = "1.hour")
    public void transactionFail(Duration time) {
        transactionFail = time;
    }

    @Override
    Check check(Asked asked) {
        return new ConnectionCheck(warn, fail, transactionWarn, transactionFail);
    }
}
