package io.watchkeeper.schedule;

import java.text.ParseException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Date;
import java.util.Optional;
import java.util.TimeZone;
import org.quartz.CronExpression;

/**
 * The fire times of a Quartz cron expression in a time zone. Quartz reads the expression; what becomes of it when the clocks
 * change is decided here, because Quartz leaves out a daily run at 02:30 when that time does not exist, and an hour of
 * quarter-hourly runs when that hour comes twice.
 *
 * <ul>
 *   <li>An expression for every hour ({@code *} in the hours) goes on evenly: it follows the clock on the wall, and fires in
 *       both of the hours that show the same time.
 *   <li>Any other names times of the day: one that does not exist fires as much later as the clocks were put forward (02:30 at
 *       03:30), one that comes twice fires the first time only.
 * </ul>
 */
final class CronTimes implements FireTimes {

    private static final int HOURS = 2;

    private final CronExpression wallClock;
    private final ZoneId zone;
    private final boolean everyHour;

    /** @throws IllegalArgumentException when {@link QuartzCron#problemOf} would name a problem */
    CronTimes(String expression, ZoneId zone) {
        try {
            this.wallClock = new CronExpression(expression);
        } catch (ParseException e) {
            throw new IllegalArgumentException("not a cron expression: '" + expression + "'", e);
        }
        this.wallClock.setTimeZone(TimeZone.getTimeZone(ZoneOffset.UTC));
        this.zone = zone;
        this.everyHour = expression.strip().split("\\s+")[HOURS].matches("\\*|(\\*|0|0-23)/1|0-23");
    }

    @Override
    public Optional<Instant> after(Instant time) {
        return everyHour ? evenly(time) : byTimeOfDay(time);
    }

    private Optional<Instant> evenly(Instant time) {
        Instant from = time;
        while (true) {
            ZoneOffset offset = zone.getRules().getOffset(from);
            Optional<Instant> next = next(LocalDateTime.ofInstant(from, offset)).map(local -> local.toInstant(offset));
            ZoneOffsetTransition change = zone.getRules().nextTransition(from);
            if (next.isEmpty() || change == null || next.get().isBefore(change.getInstant())) {
                return next;
            }
            // Asked again from just before the change, read on the clock as it is after it.
            from = change.getInstant();
            LocalDateTime justBefore = change.getDateTimeAfter().minusNanos(1);
            Optional<Instant> first = next(justBefore).map(local -> local.toInstant(change.getOffsetAfter()));
            if (first.filter(from::equals).isPresent()) {
                return first;
            }
        }
    }

    private Optional<Instant> byTimeOfDay(Instant time) {
        Optional<LocalDateTime> local = next(LocalDateTime.ofInstant(time, zone));
        while (local.isPresent()) {
            // Of a time that comes twice this takes the first, of one that does not exist the one after the gap.
            Instant instant = local.get().atZone(zone).toInstant();
            if (instant.isAfter(time)) {
                return Optional.of(instant);
            }
            local = next(local.get());
        }
        return Optional.empty();
    }

    private Optional<LocalDateTime> next(LocalDateTime local) {
        return Optional.ofNullable(wallClock.getTimeAfter(Date.from(local.toInstant(ZoneOffset.UTC))))
                .map(date -> LocalDateTime.ofInstant(date.toInstant(), ZoneOffset.UTC));
    }
}
