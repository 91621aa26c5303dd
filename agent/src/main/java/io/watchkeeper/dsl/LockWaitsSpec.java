package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.LockWaitCheck;
import java.time.Duration;

/** {@code lockWaits('shore') { … }} */
@Block(
        name = "lockWaits",
        value = "How long a session may wait for a lock.",
        words = {"warn", "fail", "reportOnly"})
public final class LockWaitsSpec extends LookSpec {

    private Duration warn = LockWaitCheck.USUAL.warn();
    private Duration fail = LockWaitCheck.USUAL.fail();

    LockWaitsSpec() {}

    @Word(value = "A wait of so long is a warning.", example = "warn 10.seconds", byDefault = "30.seconds")
    public void warn(Duration time) {
        warn = time;
    }

    @Word(value = "A wait of so long fails the step.", example = "fail 1.minute", byDefault = "5.minutes")
    public void fail(Duration time) {
        fail = time;
    }

    @Override
    Check check(Asked asked) {
        return new LockWaitCheck(warn, fail);
    }
}
