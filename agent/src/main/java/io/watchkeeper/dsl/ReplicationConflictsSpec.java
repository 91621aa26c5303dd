package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.ReplicationConflictCheck;
import java.time.Duration;

/** {@code replicationConflicts('shore') { … }} */
@Block(
        name = "replicationConflicts",
        value = "How many conflicts there may be.",
        words = {"warn", "fail", "within", "reportOnly"})
public final class ReplicationConflictsSpec extends LookSpec {

    private long warn = ReplicationConflictCheck.USUAL.warn();
    private long fail = ReplicationConflictCheck.USUAL.fail();
    private Duration within = ReplicationConflictCheck.USUAL.within();

    ReplicationConflictsSpec() {}

    @Word(value = "So many of one kind are a warning.", example = "warn 10", byDefault = "1")
    public void warn(long number) {
        warn = number;
    }

    @Word(value = "So many of one kind fail the step.", example = "fail 1_000", byDefault = "100")
    public void fail(long number) {
        fail = number;
    }

    @Word(value = "Counted from the oldest look of this time on.", example = "within 6.hours", byDefault = "24.hours")
    public void within(Duration time) {
        within = time;
    }

    @Override
    Check check(Asked asked) {
        return new ReplicationConflictCheck(warn, fail, within);
    }
}
