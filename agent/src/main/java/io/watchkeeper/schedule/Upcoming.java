package io.watchkeeper.schedule;

import io.watchkeeper.runbook.Schedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a schedule will do, for display. */
public final class Upcoming {

    private Upcoming() {}

    /** The blackout window that a moment lies in, in words; empty when a run may start then. */
    public static Optional<String> blackoutAt(Instant moment, Schedule schedule) {
        return new Blackout(schedule).at(moment);
    }

    /** The next fire times after a moment, outside blackout windows, without jitter. */
    public static List<Instant> after(Instant moment, Schedule schedule, int count) {
        FireTimes fireTimes = FireTimes.of(schedule);
        Blackout blackout = new Blackout(schedule);
        List<Instant> times = new ArrayList<>();
        Optional<Instant> next = blackout.firstOutside(fireTimes, moment);
        while (next.isPresent() && times.size() < count) {
            times.add(next.get());
            next = blackout.firstOutside(fireTimes, next.get());
        }
        return times;
    }
}
