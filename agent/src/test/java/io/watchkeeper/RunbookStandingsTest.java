package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.history.RunHistory;
import io.watchkeeper.metrics.RunbookStanding;
import io.watchkeeper.runbook.Policy;
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
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookStandingsTest {

    private static final Schedule NIGHTLY = nightly(2);

    @TempDir
    Path state;

    private final RunbookRegistry registry = new RunbookRegistry();
    private Instant now = Instant.parse("2026-03-02T10:00:00Z");
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };
    private RunHistory history;
    private RunbookStandings standings;
    private int runs;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, clock);
        standings = new RunbookStandings(registry, history, clock);
        load(NIGHTLY);
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void aRunbookThatSucceededIsDueAtItsNextTime() {
        run(RunState.SUCCEEDED, "2026-03-02T02:00:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T02:00:00Z");
        assertThat(standing().next()).isEqualTo("2026-03-03T02:00:00Z");
        assertThat(standing().failing()).isFalse();
    }

    @Test
    void aRunbookIsNotLateWhileItMayStillWaitForItsJitter() {
        load(new Schedule(
                new Timing.Cron("0 0 2 * * ?"),
                ZoneOffset.UTC,
                Duration.ofMinutes(30),
                Schedule.Missed.SKIP,
                null,
                List.of()));
        run(RunState.SUCCEEDED, "2026-03-02T02:10:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T02:30:00Z");
        assertThat(standing().next()).isEqualTo("2026-03-03T02:00:00Z");
    }

    @Test
    void aFailureLeavesItDueAndFailingUntilItSucceeds() {
        run(RunState.SUCCEEDED, "2026-03-01T02:00:00Z");
        run(RunState.FAILED, "2026-03-02T02:00:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-02T02:00:00Z");
        assertThat(standing().failing()).isTrue();

        run(RunState.SUCCEEDED, "2026-03-02T10:00:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T02:00:00Z");
        assertThat(standing().failing()).isFalse();
    }

    @Test
    void aTimeoutIsAFailureAndWhatWasCancelledOrSkippedIsNone() {
        run(RunState.TIMED_OUT, "2026-03-02T02:00:00Z");
        assertThat(standing().failing()).isTrue();
        run(RunState.SKIPPED, "2026-03-02T03:00:00Z");
        assertThat(standing().failing()).isTrue();
        run(RunState.CANCELLED, "2026-03-02T04:00:00Z");
        assertThat(standing().failing()).isFalse();
    }

    @Test
    void aSkippedRunWasDealtWith() {
        run(RunState.SUCCEEDED, "2026-03-01T02:00:00Z");
        run(RunState.SKIPPED, "2026-03-02T02:00:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T02:00:00Z");
    }

    @Test
    void aRestartForgivesNothing() {
        run(RunState.SUCCEEDED, "2026-02-28T02:00:00Z");
        run(RunState.FAILED, "2026-03-01T02:00:00Z");
        standings = new RunbookStandings(registry, history, clock);
        assertThat(standing().failing()).isTrue();
        assertThat(standing().due()).isEqualTo("2026-03-01T02:00:00Z");
    }

    @Test
    void nobodyWaitsForWhatWasDueBeforeTheRunbookWasThere() {
        assertThat(standing().due()).isEqualTo("2026-03-03T02:00:00Z");
        now = Instant.parse("2026-03-03T02:30:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T02:00:00Z");
    }

    @Test
    void anotherScheduleCountsFromWhenItWasSeen() {
        run(RunState.SUCCEEDED, "2026-03-02T02:00:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T02:00:00Z");
        load(nightly(6));
        assertThat(standing().due()).isEqualTo("2026-03-03T06:00:00Z");
        now = Instant.parse("2026-03-03T07:00:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-03T06:00:00Z");
    }

    @Test
    void aPausedRunbookIsNotDueAndMakesUpForNothingAfterwards() {
        run(RunState.SUCCEEDED, "2026-03-02T02:00:00Z");
        assertThat(standing(true).due()).isNull();
        assertThat(standing(true).next()).isNull();
        assertThat(standing(true).paused()).isTrue();
        now = Instant.parse("2026-03-05T10:00:00Z");
        standing(true);
        now = Instant.parse("2026-03-05T10:05:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-06T02:00:00Z");
    }

    @Test
    void blackoutWindowsAreNotWaitedFor() {
        load(new Schedule(
                new Timing.Every(Duration.ofMinutes(1)),
                ZoneOffset.UTC,
                Duration.ZERO,
                Schedule.Missed.SKIP,
                null,
                List.of(new Schedule.Blackout(LocalTime.of(8, 0), LocalTime.of(18, 0), Set.of(DayOfWeek.values())))));
        run(RunState.SUCCEEDED, "2026-03-02T07:59:00Z");
        assertThat(standing().due()).isEqualTo("2026-03-02T18:00:00Z");
    }

    @Test
    void withoutAScheduleNothingIsDue() {
        load(null);
        assertThat(standing().due()).isNull();
        assertThat(standing().next()).isNull();
    }

    @Test
    void whatRunsIsToldSinceTheOldestOfIt() {
        RunOutcome first = outcome("A", RunState.RUNNING, "2026-03-02T09:00:00Z");
        RunOutcome second = outcome("B", RunState.RUNNING, "2026-03-02T09:30:00Z");
        standings.runStarted(second);
        standings.runStarted(first);
        assertThat(standing().runningSince()).isEqualTo("2026-03-02T09:00:00Z");
        standings.runFinished(outcome("A", RunState.SUCCEEDED, "2026-03-02T09:00:00Z"));
        assertThat(standing().runningSince()).isEqualTo("2026-03-02T09:30:00Z");
        standings.runFinished(outcome("B", RunState.SUCCEEDED, "2026-03-02T09:30:00Z"));
        assertThat(standing().runningSince()).isNull();
    }

    private RunbookStanding standing() {
        return standing(false);
    }

    private RunbookStanding standing(boolean paused) {
        return standings.now(name -> paused).get(0);
    }

    private void run(RunState end, String at) {
        String id = String.format(Locale.ROOT, "01JD8%021d", ++runs);
        history.runAccepted(outcome(id, RunState.QUEUED, at));
        RunOutcome started = outcome(id, RunState.RUNNING, at);
        history.runStarted(started);
        standings.runStarted(started);
        RunOutcome ended = outcome(id, end, at);
        history.runFinished(ended);
        standings.runFinished(ended);
    }

    private static RunOutcome outcome(String id, RunState runState, String at) {
        return new RunOutcome(
                id,
                "dump",
                "shore-1",
                runState,
                Instant.parse(at),
                Duration.ofSeconds(2),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null);
    }

    private static Schedule nightly(int hour) {
        return new Schedule(
                new Timing.Cron("0 0 " + hour + " * * ?"),
                ZoneOffset.UTC,
                Duration.ZERO,
                Schedule.Missed.SKIP,
                null,
                List.of());
    }

    private void load(@Nullable Schedule schedule) {
        Runbook runbook = new Runbook(
                "dump",
                "",
                "",
                Set.of(),
                schedule,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                new SourceLocation("dump.groovy", 1),
                "f");
        registry.swap(new RunbookRegistry.Contents(new TreeMap<>(Map.of("dump", runbook)), List.of()));
    }
}
