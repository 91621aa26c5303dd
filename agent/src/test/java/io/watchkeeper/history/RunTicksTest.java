package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.engine.RunId;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.RunTrigger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A day of runs, however many they are, is counted by stretches of time. */
class RunTicksTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration QUARTER = Duration.ofMinutes(15);

    @TempDir
    Path state;

    @Test
    void runsAreCountedByRunbookStretchAndStateWithTheNewestOfThem() {
        try (RunHistory history = RunHistory.open(state, new SettableClock(NOON))) {
            record(history, "a", NOON.minusSeconds(1), 0, RunState.SUCCEEDED, false);
            record(history, "a", NOON, 1, RunState.SUCCEEDED, false);
            record(history, "a", NOON.plusSeconds(60), 2, RunState.SUCCEEDED, false);
            record(history, "a", NOON.plusSeconds(120), 3, RunState.FAILED, false);
            record(history, "a", NOON.plusSeconds(180), 4, RunState.FAILED, true);
            record(history, "b", NOON.plus(QUARTER), 5, RunState.SKIPPED, false);

            assertThat(history.ticks(NOON, QUARTER))
                    .containsExactly(
                            new RunTicks("a", RunState.FAILED, NOON, 1, id(NOON.plusSeconds(120), 3)),
                            new RunTicks("a", RunState.SUCCEEDED, NOON, 2, id(NOON.plusSeconds(60), 2)),
                            new RunTicks("b", RunState.SKIPPED, NOON.plus(QUARTER), 1, id(NOON.plus(QUARTER), 5)));
        }
    }

    @Test
    void theLowestIdOfAMomentIsAboveAllEarlierOnes() {
        assertThat(RunId.lowest(NOON))
                .isGreaterThan(id(NOON.minusMillis(1), 99))
                .isLessThan(id(NOON, 0));
        assertThat(RunId.isValid(id(NOON, 0))).isTrue();
    }

    private static String id(Instant at, int number) {
        return RunId.lowest(at) + String.format(java.util.Locale.ROOT, "%016d", number);
    }

    private static void record(
            RunHistory history, String runbook, Instant at, int number, RunState state, boolean dryRun) {
        RunOutcome run = new RunOutcome(
                id(at, number),
                runbook,
                "ship-7",
                state,
                at,
                Duration.ofSeconds(1),
                dryRun,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null);
        history.runAccepted(run);
        history.runFinished(run);
    }
}
