package io.watchkeeper.units;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write and say them. */
public final class DurationText {

    private static final Pattern TEXT = Pattern.compile("(\\d+)\\s*([A-Za-z]+)");

    private DurationText() {}

    /** Reads {@code 30s}, {@code 5 min}, {@code 2 hours}, {@code 7d}, {@code 250ms}; empty when it is none of these. */
    public static Optional<Duration> parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            return Optional.empty();
        }
        try {
            long n = Long.parseLong(m.group(1));
            return switch (m.group(2).toLowerCase(Locale.ROOT)) {
                case "ms", "millisecond", "milliseconds" -> Optional.of(Duration.ofMillis(n));
                case "s", "sec", "second", "seconds" -> Optional.of(Duration.ofSeconds(n));
                case "m", "min", "minute", "minutes" -> Optional.of(Duration.ofMinutes(n));
                case "h", "hour", "hours" -> Optional.of(Duration.ofHours(n));
                case "d", "day", "days" -> Optional.of(Duration.ofDays(n));
                default -> Optional.empty();
            };
        } catch (ArithmeticException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Says {@code 0.3 s}, {@code 41 s}, {@code 4 min 5 s}, {@code 6 h}, {@code 2 d 3 h}: at most two units. */
    public static String say(Duration duration) {
        if (duration.isNegative()) {
            return "-" + say(duration.negated());
        }
        long ms = duration.toMillis();
        if (ms < 1_000) {
            return ms + " ms";
        }
        if (ms < 10_000) {
            return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
        }
        long s = duration.toSeconds();
        if (s < 60) {
            return s + " s";
        }
        if (s < 3_600) {
            return two(s / 60, "min", s % 60, "s");
        }
        if (s < 86_400) {
            return two(s / 3_600, "h", s % 3_600 / 60, "min");
        }
        return two(s / 86_400, "d", s % 86_400 / 3_600, "h");
    }

    private static String two(long major, String majorUnit, long minor, String minorUnit) {
        return minor == 0 ? major + " " + majorUnit : major + " " + majorUnit + " " + minor + " " + minorUnit;
    }
}
