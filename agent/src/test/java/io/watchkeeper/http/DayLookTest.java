package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.http.page.DayView;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DayLookTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void aWindowPastMidnightBelongsToTheDayItStartsOnAndIsCutToTheDayShown() {
        Schedule schedule = schedule("Asia/Seoul", LocalTime.of(22, 0), LocalTime.of(6, 0), Set.of(DayOfWeek.FRIDAY));
        // Saturday, 00:00 in Seoul.
        Instant from = Instant.parse("2026-11-20T15:00:00Z");
        assertThat(DayLook.windows(schedule, from, from.plus(DayView.SPAN)))
                .containsExactly(new DayView.Window(from, Instant.parse("2026-11-20T21:00:00Z")));
    }

    @Test
    void windowsAreReadOnTheClockOnTheWallWhenTheClocksChange() {
        Schedule schedule =
                schedule("Europe/Berlin", LocalTime.of(1, 0), LocalTime.of(4, 0), EnumSet.allOf(DayOfWeek.class));
        Instant from = Instant.parse("2026-10-24T22:00:00Z");
        assertThat(DayLook.windows(schedule, from, from.plus(DayView.SPAN)))
                .containsExactly(new DayView.Window(
                        Instant.parse("2026-10-24T23:00:00Z"), Instant.parse("2026-10-25T03:00:00Z")));
    }

    @Test
    void aDayHasARowForEachRunbookThatRanRunsOrIsDue() {
        agent.load(runbook("a"), runbook("b"));
        agent.ticks.add(new RunTicks("a", RunState.FAILED, NOW.minus(Duration.ofHours(2)), 3, id(7)));
        agent.ticks.add(new RunTicks("a", RunState.SUCCEEDED, NOW.minus(Duration.ofHours(1)), 4, id(8)));
        agent.begin(id(9), "b");
        String page = agent.get("/", "Accept", "text/html").body();
        assertThat(page)
                .contains("4 succeeded, 3 failed", "href=\"/runs/" + id(7) + "\" aria-label=\"a 01:00 failed\"")
                .contains("href=\"#mark-failed\"", "<line class=\"now\"", "class=\"due\"", "href=\"#mark-running\"")
                .contains("<line class=\"more\"")
                .doesNotContain("NaN");
        agent.load();
        assertThat(agent.get("/", "Accept", "text/html").body()).contains("Nothing ran in the last hours");
    }

    private static Schedule schedule(String zone, LocalTime from, LocalTime to, Set<DayOfWeek> days) {
        return new Schedule(
                new Timing.Every(Duration.ofMinutes(15)),
                ZoneId.of(zone),
                Duration.ZERO,
                Schedule.Missed.RUN_ONCE,
                null,
                List.of(new Schedule.Blackout(from, to, days)));
    }
}
