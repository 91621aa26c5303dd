package io.watchkeeper.toolkit.settings;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One setting as sessions of the role get it.
 *
 * @param value in {@code unit}s
 * @param unit of the server: {@code 8kB}, {@code ms}; empty for none
 * @param context when a change takes effect: {@code postmaster} for a restart
 * @param source where the value comes from: {@code default}, {@code configuration file}, {@code command line}
 * @param byDefault the value it has when nobody sets it
 * @param pendingRestart whether a changed value waits for a restart
 */
record Setting(
        String name,
        String value,
        String unit,
        String context,
        String source,
        String byDefault,
        boolean pendingRestart) {

    private static final Pattern SIZE = Pattern.compile("(\\d*)(B|kB|MB|GB|TB)");
    private static final Map<String, Duration> TIMES = Map.of(
            "us", Duration.ofNanos(1_000),
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "min", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    static Setting read(ResultSet row) throws SQLException {
        return new Setting(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getBoolean(7));
    }

    /** @throws NumberFormatException when it is no number */
    double number() {
        return Double.parseDouble(value);
    }

    /** Empty where it is no size, or one that means none: -1. */
    Optional<Bytes> size() {
        Matcher size = SIZE.matcher(unit);
        if (!size.matches() || number() < 0) {
            return Optional.empty();
        }
        long each = Bytes.parse((size.group(1).isEmpty() ? "1" : size.group(1)) + size.group(2))
                .orElseThrow()
                .count();
        return Optional.of(Bytes.of((long) (number() * each)));
    }

    /** Empty where it is no time, or one that means none: -1. */
    Optional<Duration> time() {
        Duration each = TIMES.get(unit);
        return each == null || number() < 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) (number() * each.toNanos())));
    }

    /** As people say it. */
    String words() {
        if (value.equals("0") || unit.isEmpty()) {
            return value.isEmpty() ? "empty" : value;
        }
        return size().map(Bytes::toString)
                .or(() -> time().map(DurationText::say))
                .orElse(value);
    }

    boolean needsRestart() {
        return context.equals("postmaster");
    }
}
