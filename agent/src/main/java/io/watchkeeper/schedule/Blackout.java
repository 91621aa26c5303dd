package io.watchkeeper.schedule;

import io.watchkeeper.runbook.Schedule;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The windows in which no run of a schedule starts, read on the clock on the wall: when the clocks change inside a window, it
 * is an hour shorter or longer.
 */
final class Blackout {

    /** Windows that follow each other without a gap, for example one per day of the week, and then some. */
    private static final int MOST_ADJOINING = 100;

    private final List<Schedule.Blackout> windows;
    private final ZoneId zone;

    Blackout(Schedule schedule) {
        this.windows = schedule.blackouts();
        this.zone = schedule.zone();
    }

    /** The window that the time lies in; says itself in words for the record. */
    Optional<String> at(Instant time) {
        return window(time).map(this::say);
    }

    /** The first fire time after the given one that lies in no window; empty when there is none. */
    Optional<Instant> firstOutside(FireTimes times, Instant after) {
        Optional<Instant> next = times.after(after);
        for (int i = 0; i < MOST_ADJOINING && next.isPresent(); i++) {
            Optional<Instant> end = endOfWindow(next.get());
            if (end.isEmpty()) {
                return next;
            }
            next = times.after(end.get().minusNanos(1));
        }
        return Optional.empty();
    }

    private Optional<Instant> endOfWindow(Instant time) {
        return window(time).map(window -> {
            LocalDateTime local = LocalDateTime.ofInstant(time, zone);
            LocalDate day = window.to().isAfter(local.toLocalTime())
                    ? local.toLocalDate()
                    : local.toLocalDate().plusDays(1);
            // Where the end is a time that comes twice the window lasts through the first of the two only; then the
            // second is
            // found to be inside again.
            Instant end = day.atTime(window.to()).atZone(zone).toInstant();
            return end.isAfter(time)
                    ? end
                    : day.atTime(window.to())
                            .atZone(zone)
                            .withLaterOffsetAtOverlap()
                            .toInstant();
        });
    }

    private Optional<Schedule.Blackout> window(Instant time) {
        LocalDateTime local = LocalDateTime.ofInstant(time, zone);
        return windows.stream().filter(window -> covers(window, local)).findFirst();
    }

    private static boolean covers(Schedule.Blackout window, LocalDateTime local) {
        LocalTime time = local.toLocalTime();
        DayOfWeek today = local.getDayOfWeek();
        boolean fromPassed = !time.isBefore(window.from());
        boolean beforeTo = time.isBefore(window.to());
        if (window.to().isAfter(window.from())) {
            return fromPassed && beforeTo && window.days().contains(today);
        }
        return (fromPassed && window.days().contains(today))
                || (beforeTo && window.days().contains(today.minus(1)));
    }

    private String say(Schedule.Blackout window) {
        String days = window.days().size() == DayOfWeek.values().length
                ? "every day"
                : window.days().stream()
                        .sorted()
                        .map(day -> day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH))
                        .collect(Collectors.joining(" "));
        return window.from() + " to " + window.to() + ", " + days + ", " + zone.getId();
    }
}
