package io.watchkeeper.toolkit.settings;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times of a log, which name their zone by an abbreviation that several zones have: the server's log_timezone says which it is. */
final class LogTimes {

    private static final int WITHOUT_FRACTION = 19;

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private final ZoneId zone;

    LogTimes(ZoneId zone) {
        this.zone = zone;
    }

    /** @param text a time with or without a fraction and a zone, or seconds since 1970. Null when it is none of these */
    @Nullable
    Instant read(String text) {
        try {
            if (text.length() >= WITHOUT_FRACTION && text.charAt(4) == '-') {
                int end = text.indexOf(' ', WITHOUT_FRACTION - 1);
                return LocalDateTime.parse(end < 0 ? text : text.substring(0, end), TIME)
                        .atZone(zone)
                        .toInstant();
            }
            double seconds = Double.parseDouble(text);
            return Instant.ofEpochMilli((long) (seconds * 1_000));
        } catch (DateTimeException | NumberFormatException e) {
            return null;
        }
    }
}
