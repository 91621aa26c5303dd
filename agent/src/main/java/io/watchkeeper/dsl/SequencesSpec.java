package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.SequenceCheck;
import io.watchkeeper.units.Ratio;

/** {@code sequences('shore') { … }} */
@Block(
        name = "sequences",
        value = "How much of its numbers a sequence may have used up.",
        words = {"warn", "fail", "reportOnly"})
public final class SequencesSpec extends LookSpec {

    private Ratio warn = SequenceCheck.USUAL.warn();
    private Ratio fail = SequenceCheck.USUAL.fail();

    SequencesSpec() {}

    @Word(value = "So much used up is a warning.", example = "warn 70.percent", byDefault = "50.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "So much used up fails the step.", example = "fail 95.percent", byDefault = "90.percent")
    public void fail(Ratio share) {
        fail = share;
    }

    @Override
    Check check(Asked asked) {
        return new SequenceCheck(warn, fail);
    }
}
