package io.watchkeeper.runbook;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a runbook runs by itself.
 *
 * @param jitter a random delay up to this is added to each fire time
 * @param missed what to do about fire times that passed while nothing could run
 * @param maxAge fire times older than this are not made up; null for no limit
 */
public record Schedule(
        Timing timing,
        ZoneId zone,
        Duration jitter,
        Missed missed,
        @Nullable Duration maxAge,
        List<Blackout> blackouts) {

    public Schedule {
        blackouts = List.copyOf(blackouts);
    }

    /** What happens to fire times missed while the agent was down, the host slept, or the runbook was held up. */
    public enum Missed {
        SKIP,
        RUN_ONCE,
        RUN_ALL
    }

    /**
     * A daily window in the schedule's zone in which no run starts. From inclusive, to exclusive; a window whose end is
     * not after its start goes past midnight and belongs to the day it starts on.
     */
    public record Blackout(LocalTime from, LocalTime to, Set<DayOfWeek> days) {
        public Blackout {
            days = Set.copyOf(days);
        }
    }
}
