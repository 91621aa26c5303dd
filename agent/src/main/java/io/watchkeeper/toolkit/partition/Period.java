package io.watchkeeper.toolkit.partition;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** How much time one partition holds. */
public enum Period {
    DAILY("yyyy_MM_dd"),
    /** From Monday to Monday. */
    WEEKLY("yyyy_MM_dd"),
    MONTHLY("yyyy_MM");

    private final DateTimeFormatter suffix;

    Period(String suffix) {
        this.suffix = DateTimeFormatter.ofPattern(suffix, Locale.ROOT);
    }

    /** The first day of the one that the day is in. */
    LocalDate startOf(LocalDate day) {
        return switch (this) {
            case DAILY -> day;
            case WEEKLY -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTHLY -> day.withDayOfMonth(1);
        };
    }

    /** The first day of the one after the one that begins with this day. */
    LocalDate next(LocalDate start) {
        return switch (this) {
            case DAILY -> start.plusDays(1);
            case WEEKLY -> start.plusWeeks(1);
            case MONTHLY -> start.plusMonths(1);
        };
    }

    /** What the names of its partitions end with, for example {@code p2024_02}. */
    String suffix(LocalDate day) {
        return "p" + suffix.format(day);
    }

    /** As it is written in runbooks. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
