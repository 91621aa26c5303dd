package io.watchkeeper.schedule;

import static io.watchkeeper.runbook.Schedule.Missed.RUN_ALL;
import static io.watchkeeper.runbook.Schedule.Missed.RUN_ONCE;
import static io.watchkeeper.runbook.Schedule.Missed.SKIP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CatchUpTest {

    private static final Instant NOW = Instant.parse("2026-05-04T10:20:00Z");
    private static final Instant NEWEST = Instant.parse("2026-05-04T10:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private static CatchUp missedFor(Duration time, Schedule schedule) {
        return CatchUp.of(schedule, NOW.minus(time), NOW);
    }

    @Test
    void nothingIsMissedBetweenTwoFireTimes() {
        CatchUp catchUp = CatchUp.of(Schedules.every(HOUR, RUN_ALL, null), NEWEST, NOW);
        assertThat(catchUp.newestMissed()).isEmpty();
        assertThat(catchUp.runs()).isEmpty();
    }

    @Test
    void skipMakesUpNothingButKnowsWhatWasMissed() {
        CatchUp catchUp = missedFor(Duration.ofHours(5), Schedules.every(HOUR, SKIP, null));
        assertThat(catchUp.newestMissed()).contains(NEWEST);
        assertThat(catchUp.runs()).isEmpty();
    }

    @Test
    void runOnceMakesUpTheNewest() {
        CatchUp catchUp = missedFor(Duration.ofHours(5), Schedules.every(HOUR, RUN_ONCE, null));
        assertThat(catchUp.runs()).containsExactly(NEWEST);
    }

    @Test
    void runAllMakesUpEachOldestFirst() {
        CatchUp catchUp = missedFor(Duration.ofHours(3), Schedules.every(HOUR, RUN_ALL, null));
        assertThat(catchUp.runs()).containsExactly(NEWEST.minus(HOUR).minus(HOUR), NEWEST.minus(HOUR), NEWEST);
    }

    @Test
    void theFireTimeOfThisVeryMomentCounts() {
        assertThat(CatchUp.of(Schedules.every(HOUR, RUN_ALL, null), NEWEST.minus(HOUR), NEWEST)
                        .runs())
                .containsExactly(NEWEST);
    }

    @Test
    void theLastOneThatWasDealtWithDoesNotCount() {
        assertThat(CatchUp.of(Schedules.every(HOUR, RUN_ALL, null), NEWEST.minus(HOUR), NOW)
                        .runs())
                .containsExactly(NEWEST);
    }

    @Test
    void whatIsOlderThanTheMaximumAgeIsGivenUp() {
        Schedule schedule = Schedules.every(HOUR, RUN_ALL, Duration.ofMinutes(90));
        assertThat(missedFor(Duration.ofHours(10), schedule).runs()).containsExactly(NEWEST.minus(HOUR), NEWEST);
    }

    @Test
    void exactlyTheMaximumAgeIsStillMadeUp() {
        assertThat(missedFor(Duration.ofHours(10), Schedules.every(HOUR, RUN_ONCE, Duration.ofMinutes(20)))
                        .runs())
                .containsExactly(NEWEST);
        assertThat(missedFor(
                                Duration.ofHours(10),
                                Schedules.every(
                                        HOUR, RUN_ONCE, Duration.ofMinutes(20).minusNanos(1)))
                        .runs())
                .isEmpty();
    }

    @Test
    void onlyTheNewestThousandAreMadeUp() {
        Schedule schedule = Schedules.every(Duration.ofMinutes(1), RUN_ALL, null);
        CatchUp catchUp = missedFor(Duration.ofDays(30), schedule);
        assertThat(catchUp.runs())
                .hasSize(CatchUp.MOST_RUNS)
                .isEqualTo(IntStream.rangeClosed(1, 1000)
                        .mapToObj(i -> NOW.minus(Duration.ofMinutes(1000 - i)))
                        .toList());
    }

    @Test
    @Timeout(20)
    void yearsOfAbsenceAreCheap() {
        for (Schedule.Missed missed : Schedule.Missed.values()) {
            Schedule schedule = Schedules.schedule(new Timing.Cron("* * * * * ?"), Schedules.UTC, missed, null);
            assertThat(missedFor(Duration.ofDays(3650), schedule).newestMissed())
                    .contains(NOW);
        }
    }

    @Test
    @Timeout(20)
    void aWindowThatSwallowsEverythingEndsTheSearch() {
        Schedule schedule = Schedules.with(
                Schedules.every(Duration.ofSeconds(1), RUN_ONCE, null), Schedules.window("00:00", "00:00"));
        assertThatCode(() -> assertThat(
                                missedFor(Duration.ofDays(3650), schedule).runs())
                        .isEmpty())
                .doesNotThrowAnyException();
    }

    @Test
    void whatWouldNotHaveRunInABlackoutIsNotMadeUp() {
        Schedule schedule = Schedules.with(Schedules.every(HOUR, RUN_ALL, null), Schedules.window("08:00", "10:00"));
        CatchUp catchUp = missedFor(Duration.ofHours(4), schedule);
        assertThat(catchUp.runs()).containsExactly(Instant.parse("2026-05-04T07:00:00Z"), NEWEST);
    }

    @Test
    void runOnceTakesTheNewestOutsideTheBlackout() {
        Schedule schedule = Schedules.with(Schedules.every(HOUR, RUN_ONCE, null), Schedules.window("08:00", "11:00"));
        CatchUp catchUp = missedFor(Duration.ofHours(20), schedule);
        assertThat(catchUp.runs()).containsExactly(Instant.parse("2026-05-04T07:00:00Z"));
        assertThat(catchUp.newestMissed()).contains(NEWEST);
    }

    @Test
    void aClockBehindTheLastFireTimeHasMissedNothing() {
        CatchUp catchUp = CatchUp.of(Schedules.every(HOUR, RUN_ALL, null), NOW.plus(Duration.ofHours(3)), NOW);
        assertThat(catchUp.newestMissed()).isEmpty();
        assertThat(catchUp.runs()).isEmpty();
    }

    @Test
    void missedTimesOverAnAutumnChangeAreEachMadeUpOnce() {
        Schedule schedule = Schedules.schedule(new Timing.Cron("0 0 * * * ?"), Schedules.BERLIN, RUN_ALL, null);
        CatchUp catchUp =
                CatchUp.of(schedule, Instant.parse("2026-10-24T22:30:00Z"), Instant.parse("2026-10-25T03:30:00Z"));
        assertThat(catchUp.runs())
                .extracting(Instant::toString)
                .containsExactly(
                        "2026-10-24T23:00:00Z",
                        "2026-10-25T00:00:00Z",
                        "2026-10-25T01:00:00Z",
                        "2026-10-25T02:00:00Z",
                        "2026-10-25T03:00:00Z");
    }
}
