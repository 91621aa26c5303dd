package io.watchkeeper.schedule;

import static io.watchkeeper.runbook.Schedule.Missed.RUN_ALL;
import static io.watchkeeper.runbook.Schedule.Missed.RUN_ONCE;
import static io.watchkeeper.schedule.Schedules.every;
import static io.watchkeeper.schedule.Schedules.runbook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With real Quartz; only the date is made up. */
class TimetableTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final ShiftedClock clock = ShiftedClock.going("2026-05-04T10:00:00.500Z");
    private final RunbookRegistry registry = new RunbookRegistry();
    private final RememberedTimes memory = new RememberedTimes();
    private final RecordedRuns runs = new RecordedRuns(clock);
    private final QuartzTimer timer = new QuartzTimer(clock);
    private final Timetable timetable =
            new Timetable(registry, new HandOver(runs, memory, clock), timer, clock, LOOK_AGAIN);

    @BeforeEach
    void start() {
        timer.start();
    }

    @AfterEach
    void stop() {
        timetable.close();
        timer.stop();
    }

    private void missedSince(String last, Schedule.Missed missed) {
        Runbook sync = runbook("sync", every(Duration.ofHours(1), missed, null));
        registry.swap(Schedules.contents(sync));
        timetable.put("sync", Objects.requireNonNull(sync.schedule()), Instant.parse(last));
    }

    private long started() {
        return runs.of("sync").stream()
                .filter(asked -> asked.skippedBecause() == null)
                .count();
    }

    @Test
    void aFireTimeThatFoundAnotherRunGoingOnIsMadeUpAfterIt() {
        runs.inTheWay = "'sync' is already running: run 01JD8 (process 7)";
        missedSince("2026-05-04T07:30:00Z", RUN_ALL);
        await().atMost(SOON).until(() -> runs.of("sync").size() >= 3);
        // Should the agent end now, the next start finds all of them missed.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(memory.fired.get("sync")).isBefore("2026-05-04T08:00:00Z"));

        runs.inTheWay = null;

        await().atMost(SOON).until(() -> Instant.parse("2026-05-04T10:00:00Z").equals(memory.fired.get("sync")));
        await().atMost(SOON).until(() -> started() == 3);
    }

    @Test
    void aFireTimeThatAGuardLetsPassIsDealtWith() {
        runs.inTheWay = "the replica lags";
        missedSince("2026-05-04T07:30:00Z", RUN_ALL);

        await().atMost(SOON).until(() -> Instant.parse("2026-05-04T10:00:00Z").equals(memory.fired.get("sync")));
        assertThat(runs.of("sync")).hasSize(3);
    }

    @Test
    void whatIsMadeUpOnceIsDoneByTheRunThatGoesOn() {
        runs.inTheWay = "'sync' is already running: run 01JD8 (process 7)";
        missedSince("2026-05-04T07:30:00Z", RUN_ONCE);

        await().atMost(SOON).until(() -> Instant.parse("2026-05-04T10:00:00Z").equals(memory.fired.get("sync")));
        assertThat(runs.of("sync")).hasSize(1);
    }
}
