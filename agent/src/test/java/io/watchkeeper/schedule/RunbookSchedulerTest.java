package io.watchkeeper.schedule;

import static io.watchkeeper.runbook.Schedule.Missed.RUN_ALL;
import static io.watchkeeper.runbook.Schedule.Missed.RUN_ONCE;
import static io.watchkeeper.runbook.Schedule.Missed.SKIP;
import static io.watchkeeper.schedule.Schedules.every;
import static io.watchkeeper.schedule.Schedules.runbook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** With real Quartz in real time; only the date is made up. Most tests wait for a second to pass, so they wait together. */
@Execution(ExecutionMode.CONCURRENT)
class RunbookSchedulerTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final ShiftedClock clock = ShiftedClock.going("2026-05-04T10:00:00.500Z");
    private final RunbookRegistry registry = new RunbookRegistry();
    private final RememberedTimes memory = new RememberedTimes();
    private final RecordedRuns runs = new RecordedRuns(clock);
    private RunbookScheduler scheduler = new RunbookScheduler(registry, runs, memory, clock);

    @AfterEach
    void close() {
        scheduler.close();
    }

    private void start(Runbook... runbooks) {
        registry.swap(Schedules.contents(runbooks));
        scheduler.start();
    }

    private void restart() {
        scheduler.close();
        scheduler = new RunbookScheduler(registry, runs, memory, clock);
        scheduler.start();
    }

    private void awaitRuns(String runbook, int count) {
        await().atMost(SOON).until(() -> runs.of(runbook).size() >= count);
    }

    /** Something that fires every second has fired, so what was due before has, too. */
    private void awaitASecondTick() {
        int before = runs.of("tick").size();
        awaitRuns("tick", before + 2);
    }

    private static Runbook tick() {
        return runbook("tick", every(Duration.ofSeconds(1)));
    }

    @Test
    void firesAtEachTimeAndNeverBefore() {
        start(tick());
        awaitRuns("tick", 3);
        List<RecordedRuns.Asked> asked = runs.of("tick");
        for (int i = 0; i < 3; i++) {
            Instant nominal = Instant.parse("2026-05-04T10:00:01Z").plusSeconds(i);
            assertThat(asked.get(i).at()).isBetween(nominal, nominal.plusMillis(900));
            assertThat(asked.get(i).trigger()).isEqualTo(RunTrigger.SCHEDULE);
        }
    }

    @Test
    void firesCronExpressions() {
        start(runbook("cron", Schedules.cron("0/2 * * * * ?")));
        awaitRuns("cron", 2);
        assertThat(runs.of("cron").get(0).at())
                .isBetween(Instant.parse("2026-05-04T10:00:02Z"), Instant.parse("2026-05-04T10:00:02.900Z"));
    }

    @Test
    void remembersTheNominalTimeAlsoWithJitter() {
        start(runbook("sync", Schedules.jittered(every(Duration.ofSeconds(1)), Duration.ofMillis(500))));
        awaitRuns("sync", 2);
        scheduler.close();
        Instant last = memory.lastFireTime("sync").orElseThrow();
        assertThat(Schedules.isWholeSecond(last)).isTrue();
    }

    @Test
    void jitterNeverReachesTheNextFireTime() {
        ScheduledRunbook often = new ScheduledRunbook(
                "sync", Schedules.jittered(every(Duration.ofSeconds(2)), Duration.ofHours(1)), clock.instant());
        Instant nominal = Instant.parse("2026-05-04T10:00:02Z");
        HashSet<Instant> dues = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Instant due = often.due(nominal);
            assertThat(due).isBetween(nominal, nominal.plusSeconds(2));
            dues.add(due);
        }
        assertThat(dues).hasSizeGreaterThan(500);
    }

    @Test
    void aRunbookWithoutAScheduleIsLeftAlone() {
        start(tick(), runbook("manual", null));
        awaitASecondTick();
        assertThat(runs.of("manual")).isEmpty();
        assertThat(scheduler.nextFireTime("manual")).isEmpty();
        assertThat(scheduler.nextFireTimes("manual", 3)).isEmpty();
    }

    @Test
    void saysTheNextFireTimes() {
        start(runbook("sync", Schedules.with(every(Duration.ofHours(1)), Schedules.window("12:00", "15:00"))));
        assertThat(scheduler.nextFireTime("sync")).contains(Instant.parse("2026-05-04T11:00:00Z"));
        assertThat(scheduler.nextFireTimes("sync", 3))
                .extracting(Instant::toString)
                .containsExactly("2026-05-04T11:00:00Z", "2026-05-04T15:00:00Z", "2026-05-04T16:00:00Z");
        assertThat(scheduler.nextFireTime("unknown")).isEmpty();
    }

    @Test
    void aRunInABlackoutWindowIsSkippedAndRecordedAndNotMadeUp() {
        start(runbook(
                "sync",
                Schedules.with(every(Duration.ofSeconds(1), RUN_ALL, null), Schedules.window("10:00", "11:00"))));
        awaitRuns("sync", 2);
        assertThat(runs.of("sync"))
                .allSatisfy(asked -> assertThat(asked.skippedBecause())
                        .isEqualTo("blackout: no run starts from 10:00 to 11:00, every day, UTC"));
        await().atMost(SOON)
                .until(() -> memory.lastFireTime("sync")
                        .filter(Schedules::isWholeSecond)
                        .isPresent());
    }

    @Test
    void theFirstStartMakesNothingUp() {
        start(tick(), runbook("daily", every(Duration.ofDays(1), RUN_ALL, null)));
        awaitASecondTick();
        assertThat(runs.of("daily")).isEmpty();
        assertThat(memory.lastFireTime("daily"))
                .hasValueSatisfying(t -> assertThat(t)
                        .isBetween(Instant.parse("2026-05-04T10:00:00Z"), Instant.parse("2026-05-04T10:00:05Z")));
    }

    @Test
    void makesUpTheNewestMissedTimeAtStart() {
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T04:00:00Z"));
        start(tick(), runbook("sync", every(Duration.ofHours(1), RUN_ONCE, null)));
        awaitRuns("sync", 1);
        awaitASecondTick();
        assertThat(runs.of("sync")).extracting(RecordedRuns.Asked::trigger).containsExactly(RunTrigger.CATCH_UP);
        assertThat(memory.lastFireTime("sync")).contains(Instant.parse("2026-05-04T10:00:00Z"));
    }

    @Test
    void makesUpAllMissedTimesOneAfterTheOther() {
        runs.endAtOnce = false;
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T07:30:00Z"));
        Runbook sync = runbook("sync", every(Duration.ofHours(1), RUN_ALL, null));
        start(sync);
        RunRequest request = new RunRequest(sync, RunTrigger.CATCH_UP, Map.of(), false);
        for (int run = 1; run <= 3; run++) {
            awaitRuns("sync", run);
            Instant nominal = Instant.parse("2026-05-04T07:00:00Z").plus(Duration.ofHours(run));
            await().atMost(SOON).until(() -> nominal.equals(memory.fired.get("sync")));
            assertThat(runs.of("sync")).hasSize(run);
            runs.endOldest(request);
        }
    }

    @Test
    void aFireTimeThatComesWhileOthersAreMadeUpTakesItsPlaceBehindThemSoThatARestartForgetsNone() {
        runs.endAtOnce = false;
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T09:59:50Z"));
        start(tick(), runbook("sync", every(Duration.ofSeconds(2), RUN_ALL, null)));
        awaitRuns("sync", 1);
        awaitRuns("tick", 5);
        assertThat(memory.lastFireTime("sync")).contains(Instant.parse("2026-05-04T09:59:52Z"));
        assertThat(runs.of("sync")).hasSize(1);

        runs.endAtOnce = true;
        restart();
        // 09:59:54 to 10:00:04 at least.
        awaitRuns("sync", 7);
        assertThat(runs.of("sync").subList(1, 6))
                .extracting(RecordedRuns.Asked::trigger)
                .containsOnly(RunTrigger.CATCH_UP);
    }

    @Test
    void skipsMissedTimesWhereTheScheduleSaysSo() {
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T04:00:00Z"));
        start(tick(), runbook("sync", every(Duration.ofHours(1), SKIP, null)));
        awaitASecondTick();
        assertThat(runs.of("sync")).isEmpty();
        assertThat(scheduler.nextFireTime("sync")).contains(Instant.parse("2026-05-04T11:00:00Z"));
    }

    @Test
    void whatRanBeforeARestartDoesNotRunAgain() {
        start(runbook("sync", every(Duration.ofSeconds(2), RUN_ALL, null)));
        awaitRuns("sync", 1);
        restart();
        awaitRuns("sync", 3);
        List<Long> seconds = runs.of("sync").stream()
                .map(asked -> asked.at().getEpochSecond() / 2)
                .toList();
        assertThat(seconds).doesNotHaveDuplicates();
    }

    @Test
    void aRunThatWasRefusedIsMadeUpAfterARestart() {
        runs.refuse = true;
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T09:30:00Z"));
        start(tick(), runbook("sync", every(Duration.ofHours(1), RUN_ONCE, null)));
        await().during(Duration.ofMillis(300))
                .atMost(SOON)
                .until(() -> runs.of("sync").isEmpty());
        assertThat(memory.lastFireTime("sync")).contains(Instant.parse("2026-05-04T09:30:00Z"));
        runs.refuse = false;
        restart();
        awaitRuns("sync", 1);
    }

    @Test
    void aPausedRunbookDoesNotFireAlsoAfterARestart() {
        start(tick(), runbook("sync", every(Duration.ofSeconds(1), RUN_ALL, null)));
        awaitRuns("sync", 1);
        scheduler.setPaused("sync", true);
        int before = runs.of("sync").size();
        assertThat(scheduler.isPaused("sync")).isTrue();
        assertThat(scheduler.nextFireTime("sync")).isEmpty();
        assertThat(scheduler.nextFireTimes("sync", 2)).hasSize(2);
        awaitASecondTick();
        restart();
        assertThat(scheduler.isPaused("sync")).isTrue();
        awaitASecondTick();
        // One may have been on its way when the pause came.
        assertThat(runs.of("sync")).hasSizeBetween(before, before + 1);
    }

    @Test
    void whatWasNotRunDuringAPauseIsNotMadeUp() {
        memory.setPaused("sync", true);
        memory.setLastFireTime("sync", Instant.parse("2026-05-03T00:00:00Z"));
        start(tick(), runbook("sync", every(Duration.ofHours(1), RUN_ALL, null)));
        scheduler.setPaused("sync", false);
        restart();
        awaitASecondTick();
        assertThat(runs.of("sync")).isEmpty();
        assertThat(scheduler.isPaused("sync")).isFalse();
        assertThat(scheduler.nextFireTime("sync")).isPresent();
    }

    @Test
    void pausingAnUnknownRunbookIsRefusedWithASuggestion() {
        start(runbook("ship-sync", null));
        assertThatThrownBy(() -> scheduler.setPaused("ship-snyc", true))
                .isInstanceOf(OperatorException.class)
                .hasMessage("there is no runbook 'ship-snyc'")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .startsWith("did you mean 'ship-sync'?");
    }

    @Test
    void followsRunbooksThatComeAndGo() {
        start(tick());
        registry.swap(Schedules.contents(tick(), runbook("new", every(Duration.ofSeconds(1)))));
        awaitRuns("new", 1);
        registry.swap(Schedules.contents(tick()));
        int before = runs.of("new").size();
        awaitASecondTick();
        awaitASecondTick();
        assertThat(runs.of("new")).hasSizeBetween(before, before + 1);
    }

    @Test
    void aRunbookThatComesBackHasMissedNothing() {
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T01:00:00Z"));
        start(tick());
        registry.swap(Schedules.contents(tick(), runbook("sync", every(Duration.ofHours(1), RUN_ALL, null))));
        awaitASecondTick();
        assertThat(runs.of("sync")).isEmpty();
    }

    @Test
    void aChangedScheduleTakesEffectAtOnce() {
        start(runbook("sync", every(Duration.ofHours(1))));
        registry.swap(Schedules.contents(runbook("sync", every(Duration.ofSeconds(1)))));
        awaitRuns("sync", 2);
        registry.swap(Schedules.contents(tick(), runbook("sync", every(Duration.ofHours(1)))));
        int before = runs.of("sync").size();
        awaitASecondTick();
        awaitASecondTick();
        assertThat(runs.of("sync")).hasSizeBetween(before, before + 1);
    }

    @Test
    void whatAChangedScheduleWouldHaveDoneBeforeTheChangeIsNotMadeUpAfterARestart() {
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T09:30:00Z"));
        start(tick(), runbook("sync", every(Duration.ofDays(7), RUN_ALL, null)));
        registry.swap(Schedules.contents(tick(), runbook("sync", every(Duration.ofMinutes(10), RUN_ALL, null))));
        awaitASecondTick();
        restart();
        awaitASecondTick();
        assertThat(runs.of("sync")).isEmpty();
    }

    @Test
    void aChangeBesideTheScheduleMovesNothingAndTheNewRunbookRuns() {
        Schedule schedule = Schedules.jittered(every(Duration.ofSeconds(2)), Duration.ofMillis(100));
        start(runbook("sync", schedule));
        for (int i = 0; i < 20; i++) {
            registry.swap(Schedules.contents(runbook("sync", schedule)));
        }
        awaitRuns("sync", 2);
        assertThat(runs.of("sync")).extracting(a -> a.at().getEpochSecond()).doesNotHaveDuplicates();
    }

    @Test
    void makesUpWhatWasMissedWhileTheHostSlept() {
        start(runbook("sync", every(Duration.ofHours(1), RUN_ONCE, null)));
        await().atMost(SOON).until(() -> scheduler.isAlive(Duration.ofSeconds(2)));
        clock.shift(Duration.ofHours(5));
        awaitRuns("sync", 1);
        assertThat(runs.of("sync")).extracting(RecordedRuns.Asked::trigger).containsExactly(RunTrigger.CATCH_UP);
        assertThat(scheduler.nextFireTime("sync")).contains(Instant.parse("2026-05-04T16:00:00Z"));
    }

    @Test
    void aClockThatIsSetBackFiresNothingTwice() {
        start(runbook("sync", every(Duration.ofSeconds(1))));
        awaitRuns("sync", 2);
        clock.shift(Duration.ofSeconds(-5));
        awaitRuns("sync", 6);
        List<RecordedRuns.Asked> asked = runs.of("sync");
        // After the jump nothing fires until the clock has passed the newest time that has fired.
        assertThat(asked).extracting(a -> a.at().getEpochSecond()).doesNotHaveDuplicates();
    }

    @Test
    void aLastFireTimeFromAClockThatWasWrongIsIgnored() {
        memory.setLastFireTime("sync", Instant.parse("2036-01-01T00:00:00Z"));
        start(runbook("sync", every(Duration.ofSeconds(1))));
        awaitRuns("sync", 1);
    }

    @Test
    void aClockThatWasWrongAtStartMakesUpOnlyWhatWasReallyMissed() {
        clock.shift(Duration.ofDays(-300));
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T09:30:00Z"));
        start(tick(), runbook("sync", every(Duration.ofHours(1), RUN_ALL, null)));
        awaitASecondTick();
        clock.shift(Duration.ofDays(300));
        awaitRuns("sync", 1);
        awaitASecondTick();
        assertThat(runs.of("sync")).extracting(RecordedRuns.Asked::trigger).containsExactly(RunTrigger.CATCH_UP);
    }

    @Test
    void aClockThatIsSetBackByDaysDoesNotStopTheSchedule() {
        start(tick());
        awaitRuns("tick", 1);
        clock.shift(Duration.ofDays(-2));
        int before = runs.of("tick").size();
        awaitRuns("tick", before + 2);
        await().atMost(SOON)
                .until(() -> memory.lastFireTime("tick").orElseThrow().isBefore(clock.instant()));
    }

    @Test
    void aLastFireTimeALittleAheadIsRespected() {
        memory.setLastFireTime("sync", Instant.parse("2026-05-04T12:00:00Z"));
        start(tick(), runbook("sync", every(Duration.ofHours(1))));
        assertThat(scheduler.nextFireTime("sync")).contains(Instant.parse("2026-05-04T13:00:00Z"));
        assertThat(scheduler.clockWarning())
                .contains(
                        "this host's clock was set back: 'sync' fires again after 2026-05-04T12:00:00Z, up to which fire times"
                                + " are dealt with");
        clock.shift(Duration.ofHours(3));
        assertThat(scheduler.clockWarning()).isEmpty();
    }

    @Test
    void tellsHowLateItIs() {
        List<Duration> lateness = new CopyOnWriteArrayList<>();
        scheduler.onLateness(lateness::add);
        start(tick());
        await().atMost(SOON).until(() -> lateness.size() >= 2);
        assertThat(lateness).allSatisfy(late -> assertThat(late).isBetween(Duration.ZERO, Duration.ofMillis(900)));
    }

    @Test
    void isAliveFromStartToClose() {
        assertThat(scheduler.isAlive(SOON)).isFalse();
        start();
        await().atMost(SOON).until(() -> scheduler.isAlive(Duration.ofSeconds(2)));
        clock.shift(Duration.ofHours(-3));
        await().during(Duration.ofSeconds(3)).atMost(SOON).until(() -> scheduler.isAlive(Duration.ofMillis(2500)));
        scheduler.close();
        assertThat(scheduler.isAlive(SOON)).isFalse();
    }

    @Test
    void isNotAliveWhenItsThreadsAreStuck() throws InterruptedException {
        var release = new java.util.concurrent.CountDownLatch(1);
        scheduler.onLateness(late -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        start(java.util.stream.IntStream.range(0, 12)
                .mapToObj(i -> runbook("stuck-" + i, every(Duration.ofSeconds(1))))
                .toArray(Runbook[]::new));
        try {
            await().atMost(Duration.ofSeconds(15)).until(() -> !scheduler.isAlive(Duration.ofMillis(2500)));
        } finally {
            release.countDown();
        }
        await().atMost(SOON).until(() -> scheduler.isAlive(Duration.ofMillis(2500)));
    }

    @Test
    void firesNothingAfterItWasClosed() {
        start(tick());
        awaitRuns("tick", 1);
        scheduler.close();
        int before = runs.of("tick").size();
        await().during(Duration.ofMillis(1500))
                .atMost(SOON)
                .until(() -> runs.of("tick").size() == before);
        registry.swap(Schedules.contents(tick(), runbook("late", every(Duration.ofSeconds(1)))));
        assertThat(runs.of("late")).isEmpty();
    }
}
