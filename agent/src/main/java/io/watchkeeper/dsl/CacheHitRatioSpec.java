package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.CacheHitCheck;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.units.Ratio;
import org.jspecify.annotations.Nullable;

/** {@code cacheHitRatio('shore') { … }} */
@Block(
        name = "cacheHitRatio",
        value = "How many of the pages asked for must be in memory.",
        words = {"warn", "fail", "leastPages", "reportOnly"})
public final class CacheHitRatioSpec extends LookSpec {

    private Ratio warn = CacheHitCheck.USUAL.warn();
    private @Nullable Ratio fail;
    private long leastPages = CacheHitCheck.USUAL.leastPages();

    CacheHitRatioSpec() {}

    @Word(value = "Fewer than this is a warning.", example = "warn 95.percent", byDefault = "99.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(value = "Fewer than this fails the step.", example = "fail 80.percent", byDefault = "never")
    public void fail(Ratio share) {
        fail = share;
    }

    @Word(
            value = "Where fewer pages were asked for, nothing is judged.",
            example = "leastPages 1_000_000",
            byDefault = "100_000")
    public void leastPages(long number) {
        leastPages = number;
    }

    @Override
    Check check(Asked asked) {
        return new CacheHitCheck(warn, fail, leastPages);
    }
}
