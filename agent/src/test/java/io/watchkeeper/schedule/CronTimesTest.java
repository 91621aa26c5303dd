package io.watchkeeper.schedule;

import static io.watchkeeper.schedule.Schedules.BERLIN;
import static io.watchkeeper.schedule.Schedules.SEOUL;
import static io.watchkeeper.schedule.Schedules.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CronTimesTest {

    private static List<String> next(String cron, ZoneId zone, String after, int count) {
        return Schedules.next(new CronTimes(cron, zone), zone, after, count);
    }

    @Test
    void firesInTheZoneOfTheSchedule() {
        assertThat(next("0 0 3 * * ?", SEOUL, "2026-05-01T00:00:00Z", 2))
                .containsExactly("2026-05-02T03:00+09:00", "2026-05-03T03:00+09:00");
    }

    @Test
    void isAlwaysLaterThanAsked() {
        CronTimes times = new CronTimes("0 0/15 * * * ?", UTC);
        Instant quarter = Instant.parse("2026-05-01T10:15:00Z");
        assertThat(times.after(quarter)).contains(quarter.plusSeconds(900));
        assertThat(times.after(quarter.minusNanos(1))).contains(quarter);
        assertThat(times.after(quarter.plusNanos(1))).contains(quarter.plusSeconds(900));
    }

    @Test
    void aTimeThatDoesNotExistInSpringFiresAnHourLaterByTheWall() {
        assertThat(next("0 30 2 * * ?", BERLIN, "2026-03-28T00:00:00Z", 3))
                .containsExactly("2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00");
    }

    @Test
    void aTimeThatComesTwiceInAutumnFiresOnce() {
        assertThat(next("0 30 2 * * ?", BERLIN, "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
    }

    @Test
    void everyQuarterHourGoesOnEvenlyInSpring() {
        assertThat(next("0 0/15 * * * ?", BERLIN, "2026-03-29T00:25:00Z", 4))
                .containsExactly(
                        "2026-03-29T01:30+01:00",
                        "2026-03-29T01:45+01:00",
                        "2026-03-29T03:00+02:00",
                        "2026-03-29T03:15+02:00");
        assertEvenly("0 0/15 * * * ?", "2026-03-28T12:00:00Z", Duration.ofMinutes(15), 200);
    }

    @Test
    void everyQuarterHourGoesOnEvenlyInAutumn() {
        assertThat(next("0 0/15 * * * ?", BERLIN, "2026-10-25T00:25:00Z", 5))
                .containsExactly(
                        "2026-10-25T02:30+02:00",
                        "2026-10-25T02:45+02:00",
                        "2026-10-25T02:00+01:00",
                        "2026-10-25T02:15+01:00",
                        "2026-10-25T02:30+01:00");
        assertEvenly("0 0/15 * * * ?", "2026-10-24T12:00:00Z", Duration.ofMinutes(15), 200);
    }

    @Test
    void everyHourAtAMinuteGoesOnEvenlyWhenClocksChange() {
        for (String hours : List.of("*", "0/1", "*/1", "0-23")) {
            assertEvenly("30 20 " + hours + " * * ?", "2026-03-28T12:00:00Z", Duration.ofHours(1), 40);
            assertEvenly("30 20 " + hours + " * * ?", "2026-10-24T12:00:00Z", Duration.ofHours(1), 40);
        }
    }

    private static void assertEvenly(String cron, String from, Duration distance, int count) {
        CronTimes times = new CronTimes(cron, BERLIN);
        Instant time = times.after(Instant.parse(from)).orElseThrow();
        for (int i = 0; i < count; i++) {
            Instant next = times.after(time).orElseThrow();
            assertThat(Duration.between(time, next))
                    .as("%s after %s", cron, time)
                    .isEqualTo(distance);
            time = next;
        }
    }

    @Test
    void neverFiresOneTimeTwiceAroundAChange() {
        for (String cron : List.of("0 0/10 1-4 * * ?", "0 0,30 2,3 * * ?", "0 0 0/2 * * ?", "0 15 0-5 * * ?")) {
            for (String day : List.of("2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z")) {
                CronTimes times = new CronTimes(cron, BERLIN);
                Set<Instant> seen = new HashSet<>();
                Instant time = Instant.parse(day);
                for (int i = 0; i < 60; i++) {
                    Instant next = times.after(time).orElseThrow();
                    assertThat(next).as(cron).isAfter(time);
                    assertThat(seen.add(next)).isTrue();
                    // Asked from anywhere in between the answer is the same.
                    assertThat(times.after(next.minusMillis(1))).as(cron).contains(next);
                    time = next;
                }
            }
        }
    }

    @Test
    void seoulHasNoChangeOfClocks() {
        CronTimes times = new CronTimes("0 30 2 * * ?", SEOUL);
        Instant time = times.after(Instant.parse("2026-01-01T00:00:00Z")).orElseThrow();
        for (int day = 0; day < 400; day++) {
            Instant next = times.after(time).orElseThrow();
            assertThat(Duration.between(time, next)).isEqualTo(Duration.ofDays(1));
            time = next;
        }
    }

    @Test
    void theTwentyNinthOfFebruaryComesInLeapYears() {
        assertThat(next("0 0 6 29 2 ?", SEOUL, "2026-01-01T00:00:00Z", 2))
                .containsExactly("2028-02-29T06:00+09:00", "2032-02-29T06:00+09:00");
    }

    @Test
    void theLastDayOfTheMonthIsFound() {
        assertThat(next("0 0 23 L * ?", BERLIN, "2027-12-31T23:30:00Z", 4))
                .containsExactly(
                        "2028-01-31T23:00+01:00",
                        "2028-02-29T23:00+01:00",
                        "2028-03-31T23:00+02:00",
                        "2028-04-30T23:00+02:00");
    }

    @Test
    void monthsWithoutAThirtyFirstAreLeftOut() {
        assertThat(next("0 0 0 31 * ?", UTC, "2026-01-31T00:00:00Z", 3))
                .containsExactly("2026-03-31T00:00Z", "2026-05-31T00:00Z", "2026-07-31T00:00Z");
    }

    @Test
    void aTimeBoundToOneYearEnds() {
        assertThat(next("0 0 12 1 1 ? 2027", UTC, "2026-01-01T00:00:00Z", 5)).containsExactly("2027-01-01T12:00Z");
    }

    @Test
    void aMidnightThatDoesNotExistFiresAfterTheGap() {
        // Beirut puts its clocks forward at midnight.
        ZoneId beirut = ZoneId.of("Asia/Beirut");
        assertThat(next("0 0 0 * * ?", beirut, "2026-03-28T12:00:00Z", 2))
                .containsExactly("2026-03-29T01:00+03:00", "2026-03-30T00:00+03:00");
    }

    @Test
    void refusesWhatIsNoCronExpression() {
        assertThatThrownBy(() -> new CronTimes("every day", UTC)).isInstanceOf(IllegalArgumentException.class);
    }
}
