package io.watchkeeper.dsl;

import groovy.lang.Range;
import java.time.DayOfWeek;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** A day as runbooks name it. {@code MON..FRI} is a range of them; {@code next} and {@code previous} are what Groovy steps through it with. */
public enum Weekday {
    MON(DayOfWeek.MONDAY),
    TUE(DayOfWeek.TUESDAY),
    WED(DayOfWeek.WEDNESDAY),
    THU(DayOfWeek.THURSDAY),
    FRI(DayOfWeek.FRIDAY),
    SAT(DayOfWeek.SATURDAY),
    SUN(DayOfWeek.SUNDAY);

    private final DayOfWeek day;

    Weekday(DayOfWeek day) {
        this.day = day;
    }

    private static Weekday of(DayOfWeek day) {
        return Arrays.stream(values()).filter(w -> w.day == day).findFirst().orElseThrow();
    }

    public Weekday next() {
        return of(day.plus(1));
    }

    public Weekday previous() {
        return of(day.minus(1));
    }

    DayOfWeek day() {
        return day;
    }

    /** The days meant by a list or a range; {@code SAT..MON} goes past the end of the week. */
    static Set<DayOfWeek> daysOf(Collection<Weekday> days) {
        Set<DayOfWeek> result = EnumSet.noneOf(DayOfWeek.class);
        if (days instanceof Range<?> range
                && range.isReverse()
                && range.getFrom() instanceof Weekday low
                && range.getTo() instanceof Weekday high) {
            // Groovy counts SAT..MON downwards from Saturday; people mean Saturday, Sunday, Monday.
            for (Weekday day = high; day != low; day = day.next()) {
                result.add(day.day());
            }
            result.add(low.day());
            return result;
        }
        days.forEach(day -> result.add(day.day()));
        return result;
    }
}
