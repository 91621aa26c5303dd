package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.TableState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A table's age goes on while nothing runs. */
class TableCollectorTest {

    private static final Instant START = Instant.parse("2026-11-21T03:00:00Z");

    private final List<TableState> tables = new ArrayList<>();
    private final RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());
    private Instant now = START;
    private boolean storeFails;

    @BeforeEach
    void watch() {
        Clock clock = new Clock() {
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
        metrics.watch(
                () -> {
                    if (storeFails) {
                        throw new OperatorException("the store cannot be read", null);
                    }
                    return List.copyOf(tables);
                },
                clock);
    }

    @Test
    void theAgeGrowsFromScrapeToScrape() {
        tables.add(new TableState("ship", "public.t", START.minusSeconds(5), null));
        assertThat(page()).contains("\nwatchkeeper_sync_age_seconds{database=\"ship\",table=\"public.t\"} 5.0\n");
        now = START.plusSeconds(60);
        assertThat(page()).contains("\nwatchkeeper_sync_age_seconds{database=\"ship\",table=\"public.t\"} 65.0\n");
    }

    @Test
    void itGrowsOnWhileTheStoreCannotBeRead() {
        tables.add(new TableState("ship", "public.t", START, 7L));
        page();
        storeFails = true;
        now = START.plusSeconds(60);
        assertThat(page())
                .contains("watchkeeper_sync_age_seconds{database=\"ship\",table=\"public.t\"} 60.0\n")
                .contains("watchkeeper_verify_differences{database=\"ship\",table=\"public.t\"} 7.0\n");
    }

    @Test
    void onlyWhatIsKnownIsShown() {
        tables.add(new TableState("ship", "public.compared", null, 0L));
        tables.add(new TableState("ship", "public.synced", START, null));
        assertThat(page())
                .contains("watchkeeper_verify_differences{database=\"ship\",table=\"public.compared\"} 0.0\n")
                .doesNotContain("watchkeeper_sync_age_seconds{database=\"ship\",table=\"public.compared\"}")
                .doesNotContain("watchkeeper_verify_differences{database=\"ship\",table=\"public.synced\"}");
    }

    private String page() {
        return metrics.render("").body();
    }
}
