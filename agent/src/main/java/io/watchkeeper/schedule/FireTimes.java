package io.watchkeeper.schedule;

import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import java.time.Instant;
import java.util.Optional;

/** The nominal fire times of a schedule, leaving aside its jitter and its blackout windows. Equal questions, equal answers. */
interface FireTimes {

    /** The first fire time that is later than the given one; empty when there is none. */
    Optional<Instant> after(Instant time);

    static FireTimes of(Schedule schedule) {
        if (schedule.timing() instanceof Timing.Cron cron) {
            return new CronTimes(cron.expression(), schedule.zone());
        }
        Timing.Every every = (Timing.Every) schedule.timing();
        return new EveryTimes(every.interval(), schedule.zone());
    }
}
