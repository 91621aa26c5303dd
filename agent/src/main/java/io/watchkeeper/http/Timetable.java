package io.watchkeeper.http;

import io.watchkeeper.schedule.RunbookScheduler;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What this package asks of the scheduler. */
public interface Timetable {

    /** The next fire times from now on, paused or not; empty for a runbook without a schedule. */
    List<Instant> nextFireTimes(String runbook, int count);

    boolean isPaused(String runbook);

    void setPaused(String runbook, boolean paused);

    /** The agents that share runbooks with this one; empty where there is no cluster. */
    default Optional<ClusterView> cluster() {
        return Optional.empty();
    }

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

            @Override
            public Optional<ClusterView> cluster() {
                return scheduler.cluster().map(ClusterView::of);
            }
        };
    }
}
