package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.WraparoundCheck;
import io.watchkeeper.units.Ratio;

/** {@code wraparound('shore') { … }} */
@Block(
        name = "wraparound",
        value =
                "How much of the transaction ids may be used up. Autovacuum begins to freeze at 10 percent when it is left alone.",
        words = {"warn", "fail", "reportOnly"})
public final class WraparoundSpec extends LookSpec {

    private Ratio warn = WraparoundCheck.USUAL.warn();
    private Ratio fail = WraparoundCheck.USUAL.fail();

    WraparoundSpec() {}

    @Word(value = "So many used up in a database is a warning.", example = "warn 25.percent", byDefault = "30.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "So many used up in a database fail the step.", example = "fail 50.percent", byDefault = "60.percent")
    public void fail(Ratio share) {
        fail = share;
    }

    @Override
    Check check(Asked asked) {
        return new WraparoundCheck(warn, fail);
    }
}
