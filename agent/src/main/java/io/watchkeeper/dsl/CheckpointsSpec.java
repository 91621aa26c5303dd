package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.CheckpointCheck;
import io.watchkeeper.units.Ratio;
import java.time.Duration;

/** {@code checkpoints('shore') { … }} */
@Block(
        name = "checkpoints",
        value = "How checkpoints should come.",
        words = {"warn", "leastCheckpoints", "backendWrites", "slowSync", "reportOnly"})
public final class CheckpointsSpec extends LookSpec {

    private Ratio warn = CheckpointCheck.USUAL.warn();
    private int leastCheckpoints = CheckpointCheck.USUAL.leastCheckpoints();
    private Ratio backendWrites = CheckpointCheck.USUAL.backendWrites();
    private Duration slowSync = CheckpointCheck.USUAL.slowSync();

    CheckpointsSpec() {}

    @Word(
            value = "So large a share that did not come by the clock is a warning.",
            example = "warn 50.percent",
            byDefault = "30.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "Fewer are not judged.", example = "leastCheckpoints 20", byDefault = "5")
    public void leastCheckpoints(int number) {
        leastCheckpoints = number;
    }

    @Word(
            value = "So large a share of the pages written by sessions themselves is a warning.",
            example = "backendWrites 30.percent",
            byDefault = "50.percent")
    public void backendWrites(Ratio share) {
        backendWrites = share;
    }

    @Word(
            value = "A checkpoint that waits so long for the disk at its end, on average, is a warning.",
            example = "slowSync 5.seconds",
            byDefault = "10.seconds")
    public void slowSync(Duration time) {
        slowSync = time;
    }

    @Override
    Check check(Asked asked) {
        return new CheckpointCheck(warn, leastCheckpoints, backendWrites, slowSync);
    }
}
