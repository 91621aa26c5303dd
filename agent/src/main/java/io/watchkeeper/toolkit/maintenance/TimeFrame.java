package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When maintenance may work.
 *
 * @param budget how long at most; null for no limit
 * @param from the time of day before which nothing is begun; null for any time
 * @param until the time of day when it must be over; null for none
 * @param zone in which times of day are meant
 */
public record TimeFrame(
        @Nullable Duration budget,
        @Nullable LocalTime from,
        @Nullable LocalTime until,
        ZoneId zone) {

    /** An end farther away than this is one that was missed, by a run that came late. */
    private static final Duration HALF_A_DAY = Duration.ofHours(12);

    /** Any time, without limit. */
    public static TimeFrame always() {
        return new TimeFrame(null, null, null, ZoneId.systemDefault());
    }

    /**
     * When it must be over.
     *
     * @param words what sets the end, as {@code the budget of 30 min is used up}
     */
    record End(Instant at, String words) {}

    /** Why nothing may be begun at this moment; empty when it may. */
    Optional<String> closedAt(Instant now) {
        if (until == null) {
            return Optional.empty();
        }
        LocalTime time = now.atZone(zone).toLocalTime();
        if (from == null) {
            return Duration.between(now, nextUntil(now)).compareTo(HALF_A_DAY) > 0
                    ? Optional.of("it is past " + until + " " + zone)
                    : Optional.empty();
        }
        boolean overMidnight = !until.isAfter(from);
        boolean open = overMidnight
                ? !time.isBefore(from) || time.isBefore(until)
                : !time.isBefore(from) && time.isBefore(until);
        return open ? Optional.empty() : Optional.of("it is not between " + from + " and " + until + " " + zone);
    }

    /** When work that begins at this moment must be over; empty for never. */
    Optional<End> endFrom(Instant now) {
        End byBudget = budget == null
                ? null
                : new End(now.plus(budget), "the budget of " + DurationText.say(budget) + " is used up");
        End byClock = until == null ? null : new End(nextUntil(now), "it is " + until + " " + zone);
        if (byBudget == null || byClock == null) {
            return Optional.ofNullable(byBudget == null ? byClock : byBudget);
        }
        return Optional.of(byBudget.at().isBefore(byClock.at()) ? byBudget : byClock);
    }

    /** The next moment at which clocks show the time; where they skip it, the moment they do. */
    private Instant nextUntil(Instant now) {
        LocalTime time = until == null ? LocalTime.MIDNIGHT : until;
        ZonedDateTime today = now.atZone(zone).toLocalDate().atTime(time).atZone(zone);
        return (today.toInstant().isAfter(now)
                        ? today
                        : now.atZone(zone)
                                .toLocalDate()
                                .plusDays(1)
                                .atTime(time)
                                .atZone(zone))
                .toInstant();
    }
}
