package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.DiskSpaceCheck;
import io.watchkeeper.units.Ratio;
import java.time.Duration;

/** {@code diskSpace('shore') { … }} */
@Block(
        name = "diskSpace",
        value = "How much of the disks must be free.",
        words = {"warn", "fail", "fullWithin", "reportOnly"})
public final class DiskSpaceSpec extends LookSpec {

    private Ratio warn = DiskSpaceCheck.USUAL.warn();
    private Ratio fail = DiskSpaceCheck.USUAL.fail();
    private Duration fullWithin = DiskSpaceCheck.USUAL.fullWithin();

    DiskSpaceSpec() {}

    @Word(value = "Less than this free is a warning.", example = "warn 25.percent", byDefault = "20.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "Less than this free fails the step.", example = "fail 5.percent", byDefault = "10.percent")
    public void fail(Ratio share) {
        fail = share;
    }

    @Word(
            value = "A disk that will be full within this time, as it fills up now, fails the step.",
            example = "fullWithin 1.day",
            byDefault = "3.days")
    public void fullWithin(Duration time) {
        fullWithin = time;
    }

    @Override
    Check check(Asked asked) {
        return new DiskSpaceCheck(warn, fail, fullWithin);
    }
}
