package io.watchkeeper.schedule;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a scheduler must remember over a restart. */
public interface ScheduleMemory {

    Set<String> paused();

    void setPaused(String runbook, boolean paused);

    /** The newest fire time of this runbook that was dealt with: run, or skipped on purpose. */
    Optional<Instant> lastFireTime(String runbook);

    void setLastFireTime(String runbook, Instant fireTime);

    /** As {@link #setLastFireTime} for many runbooks at once. */
    default void setLastFireTimes(Map<String, Instant> fireTimes) {
        fireTimes.forEach(this::setLastFireTime);
    }
}
