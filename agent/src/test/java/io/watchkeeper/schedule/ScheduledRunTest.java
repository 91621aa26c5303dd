package io.watchkeeper.schedule;

import static io.watchkeeper.schedule.Schedules.every;
import static io.watchkeeper.schedule.Schedules.runbook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.RunbookRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the fire time through the real runner into the real store. */
class ScheduledRunTest {

    @TempDir
    Path state;

    private final Clock clock = Clock.systemUTC();

    @Test
    void runsAndSkipsOfTheScheduleAreInHistory() {
        RunbookRegistry registry = new RunbookRegistry();
        registry.swap(Schedules.contents(
                runbook("runs", every(Duration.ofSeconds(1))),
                runbook(
                        "blacked-out",
                        Schedules.with(every(Duration.ofSeconds(1)), Schedules.window("00:00", "00:00")))));
        try (RunHistory history = RunHistory.open(state, clock);
                DatabasePools databases = new DatabasePools(List.of());
                RunbookRunner runner = new RunbookRunner("ship-7", state, databases, history, List.of(history), clock);
                RunbookScheduler scheduler = new RunbookScheduler(registry, runner, history, clock)) {
            scheduler.start();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> history.lastEnd("runs").isPresent()
                            && history.lastRuns().containsKey("blacked-out"));

            RunOutcome run = history.list(new RunHistory.Query("runs", RunState.SUCCEEDED, 1, null))
                    .get(0);
            assertThat(run.trigger()).isEqualTo(RunTrigger.SCHEDULE);
            RunOutcome skipped = Objects.requireNonNull(history.lastRuns().get("blacked-out"));
            assertThat(skipped.state()).isEqualTo(RunState.SKIPPED);
            assertThat(Objects.requireNonNull(skipped.error()).message())
                    .startsWith("blackout: no run starts from 00:00");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> history.lastFireTime("blacked-out")
                            .filter(Schedules::isWholeSecond)
                            .isPresent());
        }
    }
}
