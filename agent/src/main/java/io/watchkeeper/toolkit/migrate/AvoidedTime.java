package io.watchkeeper.toolkit.migrate;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;

/**
 * A time of day in which no migration begins.
 *
 * @param to where it is not after {@code from}, on the next day
 * @param days on which it begins
 */
public record AvoidedTime(LocalTime from, LocalTime to, Set<DayOfWeek> days, ZoneId zone) {

    public AvoidedTime {
        days = Set.copyOf(days);
    }

    boolean covers(Instant time) {
        LocalDateTime local = LocalDateTime.ofInstant(time, zone);
        DayOfWeek today = local.getDayOfWeek();
        boolean fromPassed = !local.toLocalTime().isBefore(from);
        boolean beforeTo = local.toLocalTime().isBefore(to);
        if (to.isAfter(from)) {
            return fromPassed && beforeTo && days.contains(today);
        }
        return (fromPassed && days.contains(today)) || (beforeTo && days.contains(today.minus(1)));
    }

    /** In words. */
    String words() {
        return from + " to " + to + ", " + zone.getId();
    }
}
