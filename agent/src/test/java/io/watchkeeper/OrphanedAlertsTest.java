package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.alert.MemoryLedger;
import io.watchkeeper.alert.OpenAlert;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.SourceLocation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OrphanedAlertsTest {

    private static final Instant RAISED = Instant.parse("2026-03-01T02:00:00Z");
    private static final Instant NEXT_DAY = RAISED.plus(Duration.ofHours(25));

    private final MemoryLedger ledger = new MemoryLedger();
    private final RunbookRegistry registry = new RunbookRegistry();
    private final Map<String, RunOutcome> lastRuns = new TreeMap<>();

    @BeforeEach
    void raise() {
        for (String runbook : List.of("ship-sync", "renamed", SloWatch.NAME)) {
            dispatcher(RAISED)
                    .fire(new Alert("page", "x", Map.of("host", "h", "runbook", runbook, "severity", "page")));
        }
        load(List.of());
    }

    private AlertDispatcher dispatcher(Instant now) {
        return new AlertDispatcher(List.of(), ledger, Duration.ofHours(4), Clock.fixed(now, ZoneOffset.UTC));
    }

    private void load(List<Problem> problems) {
        Runbook there = new Runbook(
                "ship-sync",
                "",
                "",
                Set.of(),
                null,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                new SourceLocation("sync.groovy", 1),
                "");
        registry.swap(new RunbookRegistry.Contents(new TreeMap<>(Map.of("ship-sync", there)), problems));
    }

    private List<String> open(Instant now) {
        OrphanedAlerts.end(dispatcher(now), registry, lastRuns, Clock.fixed(now, ZoneOffset.UTC));
        return ledger.all().stream()
                .filter(OpenAlert::firing)
                .map(open -> open.alert().runbook())
                .sorted()
                .toList();
    }

    @Test
    void thoseOfARunbookThatIsGoneAreOverAfterADay() {
        assertThat(open(RAISED.plus(Duration.ofHours(23)))).contains("renamed");

        assertThat(open(NEXT_DAY)).containsExactly("ship-sync", SloWatch.NAME);
    }

    @Test
    void thoseOfWhatAnotherSchedulerMayRunEveryWeekStayLonger() {
        lastRuns.put(
                "renamed",
                new RunOutcome(
                        "01",
                        "renamed",
                        "h",
                        RunState.FAILED,
                        RAISED,
                        Duration.ofSeconds(1),
                        false,
                        RunTrigger.CLI,
                        Map.of(),
                        List.of(),
                        null));

        assertThat(open(RAISED.plus(Duration.ofDays(7)))).contains("renamed");

        assertThat(open(RAISED.plus(Duration.ofDays(9)))).doesNotContain("renamed");
    }

    @Test
    void thoseOfARunbookThatCannotBeLoadedAreNot() {
        load(List.of(Problem.of("renamed.groovy", "is broken", "mend it.")));

        assertThat(open(NEXT_DAY)).contains("renamed");
    }
}
