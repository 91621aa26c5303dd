package io.watchkeeper.schedule;

import static io.watchkeeper.schedule.Schedules.BERLIN;
import static io.watchkeeper.schedule.Schedules.SEOUL;
import static io.watchkeeper.schedule.Schedules.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class EveryTimesTest {

    private static List<String> next(Duration interval, ZoneId zone, String after, int count) {
        return Schedules.next(new EveryTimes(interval, zone), zone, after, count);
    }

    @Test
    void isCountedFromMidnightOfTheZone() {
        assertThat(next(Duration.ofHours(6), SEOUL, "2026-05-01T00:10:00Z", 4))
                .containsExactly(
                        "2026-05-01T12:00+09:00",
                        "2026-05-01T18:00+09:00",
                        "2026-05-02T00:00+09:00",
                        "2026-05-02T06:00+09:00");
    }

    @Test
    void doesNotDependOnWhenItIsAsked() {
        EveryTimes times = new EveryTimes(Duration.ofMinutes(15), UTC);
        Instant quarter = Instant.parse("2026-05-01T10:15:00Z");
        assertThat(times.after(quarter.minusNanos(1))).contains(quarter);
        assertThat(times.after(quarter)).contains(quarter.plusSeconds(900));
        assertThat(times.after(quarter.plusSeconds(899))).contains(quarter.plusSeconds(900));
    }

    @Test
    void anIntervalThatDoesNotDivideTheDayBeginsAnewAtMidnight() {
        assertThat(next(Duration.ofHours(7), UTC, "2026-05-01T13:00:00Z", 4))
                .containsExactly("2026-05-01T14:00Z", "2026-05-01T21:00Z", "2026-05-02T00:00Z", "2026-05-02T07:00Z");
    }

    @Test
    void keepsItsDistanceOnAShortDayAndBeginsAnewAtMidnight() {
        assertThat(next(Duration.ofHours(6), BERLIN, "2026-03-28T22:30:00Z", 5))
                .containsExactly(
                        "2026-03-29T00:00+01:00",
                        "2026-03-29T07:00+02:00",
                        "2026-03-29T13:00+02:00",
                        "2026-03-29T19:00+02:00",
                        "2026-03-30T00:00+02:00");
    }

    @Test
    void keepsItsDistanceOnALongDay() {
        assertThat(next(Duration.ofHours(6), BERLIN, "2026-10-24T21:30:00Z", 6))
                .containsExactly(
                        "2026-10-25T00:00+02:00",
                        "2026-10-25T05:00+01:00",
                        "2026-10-25T11:00+01:00",
                        "2026-10-25T17:00+01:00",
                        "2026-10-25T23:00+01:00",
                        "2026-10-26T00:00+01:00");
    }

    @Test
    void aQuarterOfAnHourIsNeverLongerOrShorter() {
        EveryTimes times = new EveryTimes(Duration.ofMinutes(15), BERLIN);
        for (String day : List.of("2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z")) {
            Instant time = Instant.parse(day);
            for (int i = 0; i < 200; i++) {
                Instant next = times.after(time).orElseThrow();
                assertThat(Duration.between(time, next)).isEqualTo(Duration.ofMinutes(15));
                time = next;
            }
        }
    }

    @Test
    void aDayIsMidnightToMidnight() {
        assertThat(next(Duration.ofDays(1), BERLIN, "2026-03-28T12:00:00Z", 2))
                .containsExactly("2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00");
    }

    @Test
    void severalDaysAreCountedFromTheEpoch() {
        assertThat(next(Duration.ofDays(7), SEOUL, "2026-05-01T00:00:00Z", 3))
                .containsExactly("2026-05-07T00:00+09:00", "2026-05-14T00:00+09:00", "2026-05-21T00:00+09:00");
        assertThat(next(Duration.ofDays(2), UTC, "1970-01-01T00:00:00Z", 2))
                .containsExactly("1970-01-03T00:00Z", "1970-01-05T00:00Z");
    }

    @Test
    void aDayAndAHalfIsCountedFromTheEpochInElapsedTime() {
        assertThat(next(Duration.ofHours(36), UTC, "1970-01-01T00:00:00Z", 3))
                .containsExactly("1970-01-02T12:00Z", "1970-01-04T00:00Z", "1970-01-05T12:00Z");
    }

    @Test
    void aMidnightThatDoesNotExistIsTheStartOfTheDay() {
        ZoneId beirut = ZoneId.of("Asia/Beirut");
        assertThat(next(Duration.ofHours(12), beirut, "2026-03-28T12:00:00Z", 3))
                .containsExactly("2026-03-29T01:00+03:00", "2026-03-29T13:00+03:00", "2026-03-30T00:00+03:00");
    }

    @Test
    void aLeapDayIsADayLikeAnother() {
        assertThat(next(Duration.ofHours(12), SEOUL, "2028-02-28T14:00:00Z", 4))
                .containsExactly(
                        "2028-02-29T00:00+09:00",
                        "2028-02-29T12:00+09:00",
                        "2028-03-01T00:00+09:00",
                        "2028-03-01T12:00+09:00");
    }

    @Test
    void refusesAnIntervalOfNothing() {
        assertThatThrownBy(() -> new EveryTimes(Duration.ZERO, UTC)).isInstanceOf(IllegalArgumentException.class);
    }
}
