package io.watchkeeper.schedule;

import io.watchkeeper.runbook.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What is done about fire times that passed while nothing could run.
 *
 * @param newestMissed empty when none was missed
 * @param runs the fire times to make up, oldest first
 */
record CatchUp(Optional<Instant> newestMissed, List<Instant> runs) {

    /** Of a longer list the newest are made up. */
    static final int MOST_RUNS = 1_000;

    private static final Duration FIRST_LOOK_BACK = Duration.ofMinutes(1);
    private static final int LOOK_FURTHER = 4;

    /** Looking back ends when so many fire times were seen, say because a window has swallowed a year of every second. */
    private static final int MOST_SEEN = 20_000;

    /**
     * Looks at the fire times after {@code last} up to and including {@code now}. Those in a blackout window would not have
     * run, and are not made up.
     */
    static CatchUp of(Schedule schedule, Instant last, Instant now) {
        FireTimes times = FireTimes.of(schedule);
        Optional<Instant> newestMissed =
                newest(times, last, now, 1, time -> true).stream().findFirst();
        if (newestMissed.isEmpty() || schedule.missed() == Schedule.Missed.SKIP) {
            return new CatchUp(newestMissed, List.of());
        }
        Blackout blackout = new Blackout(schedule);
        int count = schedule.missed() == Schedule.Missed.RUN_ONCE ? 1 : MOST_RUNS;
        Instant oldest = oldest(schedule, last, now);
        List<Instant> runs =
                newest(times, oldest, now, count, time -> blackout.at(time).isEmpty());
        return new CatchUp(newestMissed, runs);
    }

    private static Instant oldest(Schedule schedule, Instant last, Instant now) {
        Duration maxAge = schedule.maxAge();
        if (maxAge == null) {
            return last;
        }
        // A fire time of exactly the maximum age is still made up.
        Instant limit = now.minus(maxAge).minusNanos(1);
        return limit.isAfter(last) ? limit : last;
    }

    /**
     * The newest fire times after {@code from} up to {@code to}, oldest first. Looks further and further back, so that years
     * of absence cost no more than the answer needs.
     */
    private static List<Instant> newest(
            FireTimes times, Instant from, Instant to, int count, Predicate<Instant> wanted) {
        Duration lookBack = FIRST_LOOK_BACK;
        while (true) {
            Instant start = to.minus(lookBack);
            boolean wholeSpan = !start.isAfter(from);
            Deque<Instant> found = new ArrayDeque<>();
            int seen = 0;
            Optional<Instant> time = times.after(wholeSpan ? from : start);
            while (time.isPresent() && !time.get().isAfter(to)) {
                if (wanted.test(time.get())) {
                    found.addLast(time.get());
                    if (found.size() > count) {
                        found.removeFirst();
                    }
                }
                seen++;
                time = times.after(time.get());
            }
            if (wholeSpan || found.size() >= count || seen >= MOST_SEEN) {
                return List.copyOf(found);
            }
            lookBack = lookBack.multipliedBy(LOOK_FURTHER);
        }
    }
}
