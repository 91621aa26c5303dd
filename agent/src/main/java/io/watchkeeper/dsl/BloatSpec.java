package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.index.BloatLimits;
import io.watchkeeper.toolkit.index.BloatReader;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code bloat('shore', 'public.*') { … }} */
@Block(
        name = "bloat",
        value = "From when on empty and dead room is told of.",
        words = {"warn", "fail", "deadTuples", "lasting", "leastBytes", "reportOnly"})
public final class BloatSpec extends ReviewSpec {

    private Ratio warn = BloatLimits.WARN;
    private @Nullable Ratio fail;
    private Ratio deadTuples = BloatLimits.DEAD_TUPLES;
    private Duration lasting = Duration.ZERO;
    private Bytes least = BloatReader.LEAST;

    BloatSpec() {}

    @Word(
            value = "Tables and indexes of which at least this share is empty are to be looked at.",
            example = "warn 25.percent",
            byDefault = "25.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "From this share on the step fails.", example = "fail 60.percent", byDefault = "never")
    public void fail(Ratio share) {
        fail = share;
    }

    @Word(
            value = "Tables in which at least this share of the rows is dead are to be looked at.",
            example = "deadTuples 10.percent",
            byDefault = "10.percent")
    public void deadTuples(Ratio share) {
        deadTuples = share;
    }

    @Word(
            value =
                    "Only what has been so for so long, over restarts, too. Let the runbook look several times in that while: looks that are"
                            + " further apart than twice the time begin anew.",
            example = "lasting 1.hour",
            byDefault = "at once")
    public void lasting(Duration time) {
        lasting = time;
    }

    @Word(
            value = "Smaller tables and indexes are not looked at.",
            example = "leastBytes 10.megabytes",
            byDefault = "1.megabyte")
    public void leastBytes(Bytes bytes) {
        least = bytes;
    }

    BloatLimits limits(List<String> tables) {
        return new BloatLimits(tables, warn, fail, deadTuples, lasting, least);
    }
}
