package io.watchkeeper.http;

import io.watchkeeper.schedule.RunbookScheduler;
import java.time.Instant;
import java.util.List;

/** What this package asks of the scheduler. */
public interface Timetable {

    /** The next fire times from now on, paused or not; empty for a runbook without a schedule. */
    List<Instant> nextFireTimes(String runbook, int count);

    boolean isPaused(String runbook);

    void setPaused(String runbook, boolean paused);

    static Timetable of(RunbookScheduler scheduler) {
        return new Timetable() {
            @Override
            public List<Instant> nextFireTimes(String runbook, int count) {
                return scheduler.nextFireTimes(runbook, count);
            }

            @Override
            public boolean isPaused(String runbook) {
                return scheduler.isPaused(runbook);
            }

            @Override
            public void setPaused(String runbook, boolean paused) {
                scheduler.setPaused(runbook, paused);
            }
        };
    }
}
