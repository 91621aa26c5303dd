package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.DatabaseSizeCheck;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code databaseSizes('shore') { … }} */
@Block(
        name = "databaseSizes",
        value = "How long the disk must last as the databases grow, and how large they may be.",
        words = {"warn", "fail", "largest", "reportOnly"})
public final class DatabaseSizesSpec extends LookSpec {

    private Duration warn = DatabaseSizeCheck.USUAL.warn();
    private Duration fail = DatabaseSizeCheck.USUAL.fail();
    private @Nullable Bytes largest;

    DatabaseSizesSpec() {}

    @Word(
            value =
                    "The disk of a server on this host will be full within this time, as the databases grow: a warning.",
            example = "warn 60.days",
            byDefault = "30.days")
    public void warn(Duration time) {
        warn = time;
    }

    @Word(
            value = "The disk will be full within this time: fails the step.",
            example = "fail 14.days",
            byDefault = "7.days")
    public void fail(Duration time) {
        fail = time;
    }

    @Word(
            value = "Databases that are together so large are a warning.",
            example = "largest 500.gigabytes",
            byDefault = "no limit")
    public void largest(Bytes size) {
        largest = size;
    }

    @Override
    Check check(Asked asked) {
        return new DatabaseSizeCheck(warn, fail, largest);
    }
}
