package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.ArchiverCheck;
import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import java.time.Duration;

/** {@code archiver('shore') { … }} */
@Block(
        name = "archiver",
        value = "How long finished log may wait to be archived by the server.",
        words = {"warn", "fail", "reportOnly"})
public final class ArchiverSpec extends LookSpec {

    private Duration warn = ArchiverCheck.USUAL.warn();
    private Duration fail = ArchiverCheck.USUAL.fail();

    ArchiverSpec() {}

    @Word(
            value = "A segment that has waited so long is a warning.",
            example = "warn 2.minutes",
            byDefault = "5.minutes")
    public void warn(Duration time) {
        warn = time;
    }

    @Word(
            value = "A segment that has waited so long fails the step.",
            example = "fail 30.minutes",
            byDefault = "1.hour")
    public void fail(Duration time) {
        fail = time;
    }

    @Override
    Check check(Asked asked) {
        return new ArchiverCheck(warn, fail);
    }
}
