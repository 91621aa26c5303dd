package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.runbook.RunbookRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Fires runbooks at their times. */
public final class RunbookScheduler implements AutoCloseable {

    public RunbookScheduler(RunbookRegistry registry, RunbookRunner runner, ScheduleMemory memory, Clock clock) {
        throw new IllegalStateException(registry + "" + runner + memory + clock);
    }

    /** Schedules what the registry holds, follows its swaps, and makes up for missed fire times. */
    public void start() {
        throw new IllegalStateException();
    }

    /** The next fire time; empty when the runbook has no schedule, is paused, or never fires again. */
    public Optional<Instant> nextFireTime(String runbook) {
        throw new IllegalStateException(runbook);
    }

    /** The next fire times from now on, paused or not, for display. */
    public List<Instant> nextFireTimes(String runbook, int count) {
        throw new IllegalStateException(runbook + count);
    }

    public boolean isPaused(String runbook) {
        throw new IllegalStateException(runbook);
    }

    /** Survives a restart. @throws io.watchkeeper.problem.OperatorException when there is no such runbook */
    public void setPaused(String runbook, boolean paused) {
        throw new IllegalStateException(runbook + paused);
    }

    /** Whether the scheduler's own thread answered within the given time; the watchdog asks. */
    public boolean isAlive(Duration within) {
        throw new IllegalStateException(within.toString());
    }

    @Override
    public void close() {}
}
