package io.watchkeeper.schedule;

import static io.watchkeeper.schedule.Schedules.BERLIN;
import static io.watchkeeper.schedule.Schedules.SEOUL;
import static io.watchkeeper.schedule.Schedules.UTC;
import static io.watchkeeper.schedule.Schedules.window;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.Schedule;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class BlackoutTest {

    private static Schedule hourly(ZoneId zone, Schedule.Blackout... windows) {
        return Schedules.with(Schedules.in(zone, Schedules.every(Duration.ofHours(1))), windows);
    }

    private static boolean covers(Schedule schedule, String offsetDateTime) {
        return new Blackout(schedule)
                .at(OffsetDateTime.parse(offsetDateTime).toInstant())
                .isPresent();
    }

    @Test
    void coversFromInclusiveToExclusive() {
        Schedule schedule = hourly(SEOUL, window("08:00", "18:00"));
        assertThat(covers(schedule, "2026-05-04T07:59:59.999+09:00")).isFalse();
        assertThat(covers(schedule, "2026-05-04T08:00+09:00")).isTrue();
        assertThat(covers(schedule, "2026-05-04T17:59:59.999+09:00")).isTrue();
        assertThat(covers(schedule, "2026-05-04T18:00+09:00")).isFalse();
    }

    @Test
    void coversOnlyItsDays() {
        Schedule schedule = hourly(SEOUL, window("08:00", "18:00", DayOfWeek.MONDAY, DayOfWeek.TUESDAY));
        assertThat(covers(schedule, "2026-05-04T12:00+09:00")).isTrue();
        assertThat(covers(schedule, "2026-05-06T12:00+09:00")).isFalse();
    }

    @Test
    void aWindowPastMidnightBelongsToTheDayItStartsOn() {
        Schedule schedule = hourly(UTC, window("22:00", "06:00", DayOfWeek.FRIDAY));
        assertThat(covers(schedule, "2026-05-08T21:59Z")).isFalse();
        assertThat(covers(schedule, "2026-05-08T22:00Z")).isTrue();
        assertThat(covers(schedule, "2026-05-09T05:59Z")).isTrue();
        assertThat(covers(schedule, "2026-05-09T06:00Z")).isFalse();
        assertThat(covers(schedule, "2026-05-08T03:00Z"))
                .as("after Thursday's midnight")
                .isFalse();
        assertThat(covers(schedule, "2026-05-09T23:00Z")).as("Saturday evening").isFalse();
    }

    @Test
    void aWindowFromATimeToItselfIsAWholeDay() {
        Schedule schedule = hourly(UTC, window("12:00", "12:00", DayOfWeek.SATURDAY));
        assertThat(covers(schedule, "2026-05-09T11:59Z")).isFalse();
        assertThat(covers(schedule, "2026-05-09T12:00Z")).isTrue();
        assertThat(covers(schedule, "2026-05-10T11:59Z")).isTrue();
        assertThat(covers(schedule, "2026-05-10T12:00Z")).isFalse();
    }

    @Test
    void aWindowUntilMidnightEndsThere() {
        Schedule schedule = hourly(UTC, window("20:00", "00:00", DayOfWeek.MONDAY));
        assertThat(covers(schedule, "2026-05-04T23:59Z")).isTrue();
        assertThat(covers(schedule, "2026-05-05T00:00Z")).isFalse();
    }

    @Test
    void isReadOnTheWallWhenClocksChange() {
        Schedule schedule = hourly(BERLIN, window("01:30", "03:30"));
        // Spring: one hour of elapsed time.
        assertThat(covers(schedule, "2026-03-29T01:30+01:00")).isTrue();
        assertThat(covers(schedule, "2026-03-29T03:29+02:00")).isTrue();
        assertThat(covers(schedule, "2026-03-29T03:30+02:00")).isFalse();
        // Autumn: three.
        assertThat(covers(schedule, "2026-10-25T01:30+02:00")).isTrue();
        assertThat(covers(schedule, "2026-10-25T02:10+02:00")).isTrue();
        assertThat(covers(schedule, "2026-10-25T02:10+01:00")).isTrue();
        assertThat(covers(schedule, "2026-10-25T03:30+01:00")).isFalse();
    }

    @Test
    void theNextFireTimeOutsideIsAfterTheWindow() {
        Schedule schedule = hourly(UTC, window("08:00", "18:00"), window("18:00", "20:30"));
        assertThat(new Blackout(schedule).firstOutside(FireTimes.of(schedule), Instant.parse("2026-05-04T07:30:00Z")))
                .contains(Instant.parse("2026-05-04T21:00:00Z"));
        assertThat(new Blackout(schedule).firstOutside(FireTimes.of(schedule), Instant.parse("2026-05-04T06:30:00Z")))
                .contains(Instant.parse("2026-05-04T07:00:00Z"));
    }

    @Test
    void theEndOfAWindowItselfIsOutside() {
        Schedule schedule = hourly(UTC, window("08:00", "18:00"));
        assertThat(new Blackout(schedule).firstOutside(FireTimes.of(schedule), Instant.parse("2026-05-04T12:00:00Z")))
                .contains(Instant.parse("2026-05-04T18:00:00Z"));
    }

    @Test
    void aWindowThatEndsInAnHourThatComesTwiceIsLeft() {
        Schedule schedule = hourly(BERLIN, window("22:00", "02:30"));
        Schedule quarters =
                Schedules.with(Schedules.in(BERLIN, Schedules.every(Duration.ofMinutes(15))), window("22:00", "02:30"));
        assertThat(new Blackout(schedule).firstOutside(FireTimes.of(schedule), Instant.parse("2026-10-24T21:00:00Z")))
                .contains(OffsetDateTime.parse("2026-10-25T03:00+01:00").toInstant());
        assertThat(new Blackout(quarters).firstOutside(FireTimes.of(quarters), Instant.parse("2026-10-24T21:00:00Z")))
                .contains(OffsetDateTime.parse("2026-10-25T02:30+02:00").toInstant());
        // By the wall the window is entered once more.
        assertThat(new Blackout(quarters)
                        .firstOutside(
                                FireTimes.of(quarters),
                                OffsetDateTime.parse("2026-10-25T02:45+02:00").toInstant()))
                .contains(OffsetDateTime.parse("2026-10-25T02:30+01:00").toInstant());
    }

    @Test
    void windowsThatLeaveNothingHaveNoNextFireTime() {
        Schedule schedule = hourly(UTC, window("00:00", "00:00"));
        assertThat(new Blackout(schedule).firstOutside(FireTimes.of(schedule), Instant.parse("2026-05-04T12:00:00Z")))
                .isEmpty();
    }

    @Test
    void saysItselfInWords() {
        Schedule schedule =
                hourly(SEOUL, window("08:00", "18:00", DayOfWeek.FRIDAY, DayOfWeek.MONDAY), window("22:00", "23:00"));
        Blackout blackout = new Blackout(schedule);
        assertThat(blackout.at(OffsetDateTime.parse("2026-05-04T12:00+09:00").toInstant()))
                .contains("08:00 to 18:00, Mon Fri, Asia/Seoul");
        assertThat(blackout.at(OffsetDateTime.parse("2026-05-04T22:30+09:00").toInstant()))
                .contains("22:00 to 23:00, every day, Asia/Seoul");
    }
}
