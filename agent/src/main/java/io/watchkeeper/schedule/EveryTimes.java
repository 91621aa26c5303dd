package io.watchkeeper.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Fire times at a fixed distance, which a restart does not move.
 *
 * <ul>
 *   <li>Up to a day: midnight of the zone, then every interval of elapsed time until the next midnight, where it begins anew.
 *       On a day of 23 or 25 hours the times after the change of the clocks therefore show another hour than usual, and the
 *       last interval of a day is shorter when the interval does not divide it.
 *   <li>Several whole days: midnight of every such day, counted from 1 January 1970.
 *   <li>Anything else: elapsed time from midnight of 1 January 1970 in the zone.
 * </ul>
 */
final class EveryTimes implements FireTimes {

    private static final Duration DAY = Duration.ofDays(1);
    private static final LocalDate EPOCH = LocalDate.ofEpochDay(0);

    private final Duration interval;
    private final ZoneId zone;

    EveryTimes(Duration interval, ZoneId zone) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("an interval must be longer than nothing: " + interval);
        }
        this.interval = interval;
        this.zone = zone;
    }

    @Override
    public Optional<Instant> after(Instant time) {
        if (interval.compareTo(DAY) < 0) {
            return Optional.of(withinTheDay(time));
        }
        if (interval.equals(Duration.ofDays(interval.toDays()))) {
            return Optional.of(atMidnight(time, interval.toDays()));
        }
        return Optional.of(stepAfter(midnight(EPOCH), time));
    }

    private Instant withinTheDay(Instant time) {
        LocalDate day = LocalDate.ofInstant(time, zone);
        Instant next = stepAfter(midnight(day), time);
        Instant tomorrow = midnight(day.plusDays(1));
        return next.isBefore(tomorrow) ? next : tomorrow;
    }

    private Instant atMidnight(Instant time, long days) {
        long today = LocalDate.ofInstant(time, zone).toEpochDay();
        long next = Math.floorDiv(today, days) * days + days;
        return midnight(LocalDate.ofEpochDay(next));
    }

    private Instant stepAfter(Instant start, Instant time) {
        long steps = Duration.between(start, time).dividedBy(interval) + 1;
        return start.plus(interval.multipliedBy(steps));
    }

    private Instant midnight(LocalDate day) {
        return day.atStartOfDay(zone).toInstant();
    }
}
