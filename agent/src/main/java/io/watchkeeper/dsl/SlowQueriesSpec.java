package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.SlowQueryCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code slowQueries('shore') { … }} */
@Block(
        name = "slowQueries",
        value = "How long statements may take.",
        words = {"longerThan", "warn", "fail", "meanWarn", "except", "reportOnly"})
public final class SlowQueriesSpec extends LookSpec {

    private Duration longerThan = SlowQueryCheck.USUAL.longerThan();
    private Duration warn = SlowQueryCheck.USUAL.warn();
    private Duration fail = SlowQueryCheck.USUAL.fail();
    private @Nullable Duration meanWarn;
    private final List<String> except = new ArrayList<>();

    SlowQueriesSpec() {}

    @Word(
            value = "What has been running for less is not listed.",
            example = "longerThan 2.seconds",
            byDefault = "5.seconds")
    public void longerThan(Duration time) {
        longerThan = time;
    }

    @Word(value = "A statement running for so long is a warning.", example = "warn 30.seconds", byDefault = "1.minute")
    public void warn(Duration time) {
        warn = time;
    }

    @Word(
            value = "A statement running for so long fails the step.",
            example = "fail 10.minutes",
            byDefault = "30.minutes")
    public void fail(Duration time) {
        fail = time;
    }

    @Word(
            value =
                    "A statement that takes so long on average over at least 10 calls is a warning. Known where pg_stat_statements is installed.",
            example = "meanWarn 500.milliseconds",
            byDefault = "no limit")
    public void meanWarn(Duration time) {
        meanWarn = time;
    }

    @Word(
            value =
                    "Applications that are not judged, `*` for any characters, beside `pg_dump*`, `pg_basebackup` and `watchkeeper*`.",
            example = "except 'nightly_report*'",
            byDefault = "none")
    public void except(@Checked(TextKind.NAME) String... names) {
        except.addAll(List.of(names));
    }

    @Override
    Check check(Asked asked) {
        return new SlowQueryCheck(
                longerThan,
                warn,
                fail,
                meanWarn,
                Stream.concat(SlowQueryCheck.PATIENT_APPLICATIONS.stream(), except.stream())
                        .toList());
    }
}
