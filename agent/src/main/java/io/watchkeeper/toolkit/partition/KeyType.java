package io.watchkeeper.toolkit.partition;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type of the column that a table is partitioned by. Its values are held as {@link LocalDateTime}: those of {@link #TIMESTAMPTZ} as
 * UTC, those of the others as they are written.
 */
enum KeyType {
    DATE("date"),
    TIMESTAMP("timestamp without time zone"),
    TIMESTAMPTZ("timestamp with time zone");

    private static final DateTimeFormatter TEXT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final Pattern VALUE = Pattern.compile(
            "(\\d+)-(\\d\\d)-(\\d\\d)(?: (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,6}))?(?:\\+00)?)?( BC)?");
    private static final int MOST_YEARS = 290_000;

    private final String sql;

    KeyType(String sql) {
        this.sql = sql;
    }

    /** Empty for a type that has no days. */
    static Optional<KeyType> of(String sqlType) {
        for (KeyType one : values()) {
            if (one.sql.equals(sqlType)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** As SQL writes the type. */
    String sql() {
        return sql;
    }

    /** When the day begins: where the clock skips midnight, when the day's first hour does. */
    LocalDateTime startOf(LocalDate day, ZoneId zone) {
        return this == TIMESTAMPTZ ? utc(day.atStartOfDay(zone).toInstant()) : day.atStartOfDay();
    }

    /** The value that a row written at this moment has. */
    LocalDateTime at(Instant moment, ZoneId zone) {
        return switch (this) {
            case TIMESTAMPTZ -> utc(moment);
            case TIMESTAMP -> LocalDateTime.ofInstant(moment, zone);
            case DATE -> LocalDateTime.ofInstant(moment, zone).toLocalDate().atStartOfDay();
        };
    }

    /** The day that the value is in. */
    LocalDate dayOf(LocalDateTime value, ZoneId zone) {
        return this == TIMESTAMPTZ
                ? value.atOffset(ZoneOffset.UTC).atZoneSameInstant(zone).toLocalDate()
                : value.toLocalDate();
    }

    /** The value as an SQL literal, without a cast. Means the same whatever the session's time zone is. */
    String literal(LocalDateTime value) {
        return "'" + text(value) + "'";
    }

    /** The value as text that PostgreSQL reads. */
    String text(LocalDateTime value) {
        String text = TEXT.format(value);
        return switch (this) {
            case DATE -> text.substring(0, 10);
            case TIMESTAMP -> shortened(text);
            case TIMESTAMPTZ -> shortened(text) + "+00";
        };
    }

    private static String shortened(String text) {
        return text.endsWith(".000000") ? text.substring(0, text.length() - 7) : text;
    }

    /**
     * Reads a value as the server writes it, in a session whose time zone is UTC and whose dates are ISO.
     *
     * @return {@link LocalDateTime#MIN} and {@link LocalDateTime#MAX} for what lies beyond all dates; empty for what is no date
     */
    static Optional<LocalDateTime> parse(String text) {
        if (text.equals("-infinity")) {
            return Optional.of(LocalDateTime.MIN);
        }
        if (text.equals("infinity")) {
            return Optional.of(LocalDateTime.MAX);
        }
        Matcher m = VALUE.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        int year = Integer.parseInt(m.group(1));
        if (m.group(8) != null || year > MOST_YEARS) {
            return Optional.of(m.group(8) != null ? LocalDateTime.MIN : LocalDateTime.MAX);
        }
        LocalDate day = LocalDate.of(year, Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)));
        if (m.group(4) == null) {
            return Optional.of(day.atStartOfDay());
        }
        String fraction = m.group(7) == null ? "" : m.group(7);
        int micros = Integer.parseInt((fraction + "000000").substring(0, 6));
        return Optional.of(day.atTime(
                Integer.parseInt(m.group(4)),
                Integer.parseInt(m.group(5)),
                Integer.parseInt(m.group(6)),
                micros * 1_000));
    }

    private static LocalDateTime utc(Instant moment) {
        return LocalDateTime.ofInstant(moment, ZoneOffset.UTC);
    }
}
