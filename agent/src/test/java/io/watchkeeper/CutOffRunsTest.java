package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Timing;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the runs that a short stop has cut off are started again. */
class CutOffRunsTest {

    private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

    @TempDir
    Path state;

    private final RunbookRegistry registry = new RunbookRegistry();
    private final List<RunRequest> started = new ArrayList<>();
    private RunHistory history;
    private int runs;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, Clock.fixed(NOON, ZoneOffset.UTC));
        registry.swap(new RunbookRegistry.Contents(
                new TreeMap<>(
                        Map.of("quiet", runbook("quiet", "11:00", "13:00"), "free", runbook("free", "01:00", "02:00"))),
                List.of()));
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void insideABlackoutWindowWhatTheScheduleHadBegunIsLeftToItAndWhatAPersonBeganIsNot() {
        cutOff("quiet", RunTrigger.SCHEDULE);
        cutOff("quiet", RunTrigger.CATCH_UP);
        cutOff("free", RunTrigger.SCHEDULE);
        new CutOffRuns(state).expect(NOON);

        startAgain(NOON.plusSeconds(5));
        assertThat(started).extracting(one -> one.runbook().name()).containsExactly("free");

        cutOff("quiet", RunTrigger.HTTP);
        new CutOffRuns(state).expect(NOON);
        started.clear();
        startAgain(NOON.plusSeconds(5));
        assertThat(started).extracting(one -> one.runbook().name()).contains("quiet");
    }

    @Test
    void theTimeCountsFromWhenRunsWereCancelledHoweverLongTheyHadBeenWaitedFor() {
        cutOff("free", RunTrigger.SCHEDULE);
        CutOffRuns stop = new CutOffRuns(state);
        stop.expect(NOON.minus(Duration.ofHours(3)));
        stop.expect(NOON);

        startAgain(NOON.plus(Duration.ofMinutes(50)));

        assertThat(started).hasSize(1);
    }

    @Test
    void nothingIsStartedAgainAfterAStopForGoodOrALongOne() {
        cutOff("free", RunTrigger.SCHEDULE);
        CutOffRuns stop = new CutOffRuns(state);
        stop.expect(NOON);
        stop.forget();
        startAgain(NOON.plusSeconds(5));
        stop.expect(NOON);
        startAgain(NOON.plus(Duration.ofMinutes(61)));

        assertThat(started).isEmpty();
    }

    private void startAgain(Instant now) {
        new CutOffRuns(state)
                .startAgain(
                        history,
                        registry,
                        request -> {
                            started.add(request);
                            return new RunHandle("again", new CompletableFuture<>());
                        },
                        now);
    }

    private void cutOff(String runbook, RunTrigger trigger) {
        String id = String.format(Locale.ROOT, "01JD8%021d", ++runs);
        RunError error = RunError.of("cancelled: " + RunbookRunner.STOPPING, null);
        history.runAccepted(run(id, runbook, trigger, RunState.QUEUED, null));
        history.runFinished(run(id, runbook, trigger, RunState.CANCELLED, error));
    }

    private static RunOutcome run(
            String id, String runbook, RunTrigger trigger, RunState as, @Nullable RunError error) {
        return new RunOutcome(
                id,
                runbook,
                "shore-1",
                as,
                NOON.minusSeconds(60),
                Duration.ofSeconds(61),
                false,
                trigger,
                Map.of(),
                List.of(),
                error);
    }

    private static Runbook runbook(String name, String from, String to) {
        Schedule schedule = new Schedule(
                new Timing.Every(Duration.ofMinutes(15)),
                ZoneOffset.UTC,
                Duration.ZERO,
                Schedule.Missed.RUN_ONCE,
                null,
                List.of(new Schedule.Blackout(LocalTime.parse(from), LocalTime.parse(to), Set.of(DayOfWeek.values()))));
        return new Runbook(
                name,
                "",
                "dba",
                Set.of(),
                schedule,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                new SourceLocation("/etc/watchkeeper/runbooks/" + name + ".groovy", 1),
                "f00d");
    }
}
