package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code check('name', value) { … }} */
@Block(
        name = "check",
        value = "What a checked value may be. A value that has reached a threshold has crossed it.",
        words = {"warn", "fail", "evidence", "remedy"})
public final class CheckSpec {

    private final String name;
    private @Nullable Object warn;
    private @Nullable Object fail;
    private @Nullable Object evidence;
    private @Nullable String remedy;

    CheckSpec(String name) {
        this.name = name;
    }

    @Word(value = "From this value on the check warns.", example = "warn 5", byDefault = "never")
    public void warn(Number threshold) {
        warn = threshold;
    }

    public void warn(Duration threshold) {
        warn = threshold;
    }

    public void warn(Bytes threshold) {
        warn = threshold;
    }

    public void warn(Ratio threshold) {
        warn = threshold;
    }

    @Word(
            value = "From this value on the check, and with it the step, fails.",
            example = "fail 10",
            byDefault = "never")
    public void fail(Number threshold) {
        fail = threshold;
    }

    public void fail(Duration threshold) {
        fail = threshold;
    }

    public void fail(Bytes threshold) {
        fail = threshold;
    }

    public void fail(Ratio threshold) {
        fail = threshold;
    }

    @Word(
            value = "What shows it: rows of a query, or a text. Lands in the run beside the result.",
            example = "evidence rows")
    public void evidence(@Nullable Object what) {
        evidence = what;
    }

    @Word(
            value = "What to do about it: a statement, a setting, a sentence. Shown when the check does not pass.",
            example = "remedy 'VACUUM public.documents'")
    public void remedy(String what) {
        remedy = what;
    }

    CheckResult judge(Action action, @Nullable Object value) {
        CheckResult.Status status = status(value, action.dryRun());
        CheckResult result = new CheckResult(name, status, value);
        if (action.dryRun()) {
            action.context().plan("check", name, List.of());
            return result;
        }
        action.context().record(new VerbResult("check", fields(result)));
        switch (status) {
            case OK -> {}
            case WARN -> action.context().warn(sentence(value, "has reached " + say(warn)));
            case FAIL ->
                throw new OperatorException(
                        value instanceof Boolean
                                ? "check '" + name + "' does not hold"
                                : sentence(value, "has reached " + say(fail)),
                        remedy);
        }
        return result;
    }

    private String sentence(@Nullable Object value, String reached) {
        return "check '" + name + "': " + say(value) + " " + reached;
    }

    private CheckResult.Status status(@Nullable Object value, boolean dryRun) {
        if (value instanceof Boolean holds) {
            return holds ? CheckResult.Status.OK : CheckResult.Status.FAIL;
        }
        if (value == null && dryRun) {
            return CheckResult.Status.OK;
        }
        if (reached(value, fail)) {
            return CheckResult.Status.FAIL;
        }
        return reached(value, warn) ? CheckResult.Status.WARN : CheckResult.Status.OK;
    }

    private boolean reached(@Nullable Object value, @Nullable Object threshold) {
        BigDecimal measured = measure(value);
        if (measured == null) {
            throw new OperatorException(
                    "check '" + name + "' got " + say(value) + ", which is not a number",
                    "give it a number, a duration, an amount of data, a share, or true or false.");
        }
        if (threshold == null) {
            return false;
        }
        boolean sameUnit = threshold instanceof Number
                ? value instanceof Number
                : threshold.getClass().isInstance(value);
        if (!sameUnit) {
            throw new OperatorException(
                    "check '" + name + "' compares " + say(value) + " with " + say(threshold),
                    "give both in the same unit.");
        }
        BigDecimal limit = measure(threshold);
        return limit != null && measured.compareTo(limit) >= 0;
    }

    private static @Nullable BigDecimal measure(@Nullable Object value) {
        if (value instanceof Number number) {
            double asDouble = number.doubleValue();
            return Double.isNaN(asDouble) || Double.isInfinite(asDouble) ? null : new BigDecimal(number.toString());
        } else if (value instanceof Duration duration) {
            return BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
        } else if (value instanceof Bytes bytes) {
            return BigDecimal.valueOf(bytes.count());
        } else if (value instanceof Ratio ratio) {
            return BigDecimal.valueOf(ratio.share());
        }
        return null;
    }

    private static String say(@Nullable Object value) {
        return value instanceof Duration duration
                ? DurationText.say(duration)
                : value instanceof CharSequence text ? "the text '" + text + "'" : String.valueOf(value);
    }

    private Map<String, Object> fields(CheckResult result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("status", result.status());
        putPlain(fields, "value", result.value());
        putPlain(fields, "warn", warn);
        putPlain(fields, "fail", fail);
        putPlain(fields, "evidence", evidence);
        putPlain(fields, "remedy", remedy);
        return fields;
    }

    private static void putPlain(Map<String, Object> fields, String key, @Nullable Object value) {
        if (value != null) {
            boolean plain = value instanceof Number
                    || value instanceof Boolean
                    || value instanceof List
                    || value instanceof Map;
            fields.put(key, plain ? value : say(value).replaceFirst("^the text '(.*)'$", "$1"));
        }
    }
}
