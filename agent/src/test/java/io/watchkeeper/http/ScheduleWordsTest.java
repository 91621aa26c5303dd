package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleWordsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 30 2 * * ?          | every day at 02:30, UTC
            0 30 2 ? * MON-FRI    | Mon–Fri at 02:30, UTC
            0 0 4 ? * SAT,SUN     | Sat, Sun at 04:00, UTC
            0 */5 * * * ?         | every 5 min, UTC
            0 15 * * * ?          | every hour at minute 15, UTC
            0 0 3 1 * ?           | on day 1 of each month at 03:00, UTC
            0 0/15 * ? * MON-FRI  | every 15 min, Mon–Fri, UTC
            0 0 0/6 * * ?         | every 6 h at minute 0, UTC
            0 5/15 * * * ?        | every 15 min, UTC
            0 0/40 * * * ?        | cron 0 0/40 * * * ?, UTC
            0 20/50 * * * ?       | cron 0 20/50 * * * ?, UTC
            0 20/15 * * * ?       | cron 0 20/15 * * * ?, UTC
            0 0 0/5 * * ?         | cron 0 0 0/5 * * ?, UTC
            0 0 8/6 * * ?         | cron 0 0 8/6 * * ?, UTC
            0 0 12 L * ?          | cron 0 0 12 L * ?, UTC
            13 0 12 * * ?         | cron 13 0 12 * * ?, UTC
            """)
    void saysCronExpressions(String expression, String words) {
        assertThat(ScheduleWords.say(schedule(new Timing.Cron(expression), List.of())))
                .isEqualTo(words);
    }

    @Test
    void saysWhenNothingRuns() {
        Schedule.Blackout work = new Schedule.Blackout(
                LocalTime.of(8, 0),
                LocalTime.of(18, 0),
                Set.of(DayOfWeek.MONDAY, DayOfWeek.TUESDAY, DayOfWeek.WEDNESDAY, DayOfWeek.THURSDAY, DayOfWeek.FRIDAY));
        assertThat(ScheduleWords.say(schedule(new Timing.Every(Duration.ofMinutes(15)), List.of(work))))
                .isEqualTo("every 15 min, UTC, not 08:00–18:00 Mon–Fri");
    }

    private static Schedule schedule(Timing timing, List<Schedule.Blackout> blackouts) {
        return new Schedule(timing, ZoneId.of("UTC"), Duration.ZERO, Schedule.Missed.SKIP, null, blackouts);
    }
}
