package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.VerbResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunMetricsTest {

    private static final Instant START = Instant.parse("2026-11-21T03:00:00Z");

    private final RunbookRegistry registry = new RunbookRegistry();
    private final RunMetrics metrics = new RunMetrics(registry, "1.2.3", Map.of("old", START));

    @Test
    void everyCounterStartsAtZero() {
        load("a");
        for (String state : List.of("succeeded", "failed", "skipped", "cancelled", "timedOut")) {
            assertThat(page()).contains("\nwatchkeeper_run_total{runbook=\"a\",state=\"" + state + "\"} 0.0\n");
        }
        assertThat(page()).doesNotContain("state=\"running\"", "state=\"queued\"", "_created");
    }

    @Test
    void countsRunsAndTheirDurations() {
        load("a");
        finish("a", RunState.SUCCEEDED, false);
        finish("a", RunState.FAILED, false);
        assertThat(page())
                .contains("watchkeeper_run_total{runbook=\"a\",state=\"succeeded\"} 1.0\n")
                .contains("watchkeeper_run_total{runbook=\"a\",state=\"failed\"} 1.0\n")
                .contains("watchkeeper_run_duration_seconds_count{runbook=\"a\"} 2.0\n")
                .contains("watchkeeper_run_duration_seconds_sum{runbook=\"a\"} 4.0\n")
                .contains("watchkeeper_run_last_success_timestamp_seconds{runbook=\"a\"} 1.795230002E9\n");
    }

    @Test
    void doesNotCountDryRuns() {
        load("a");
        RunOutcome dry = run("a", RunState.SUCCEEDED, true);
        metrics.runAccepted(dry);
        metrics.verbFinished(dry.runId(), 0, copy(5));
        metrics.runFinished(dry);
        assertThat(page())
                .contains("watchkeeper_run_total{runbook=\"a\",state=\"succeeded\"} 0.0\n")
                .doesNotContain("watchkeeper_table_rows_total{");
    }

    @Test
    void knowsTheLastSuccessFromBeforeTheStart() {
        load("old");
        assertThat(page()).contains("watchkeeper_run_last_success_timestamp_seconds{runbook=\"old\"} 1.79523E9\n");
    }

    @Test
    void forgetsRunbooksThatAreGone() {
        load("a", "b");
        finish("a", RunState.SUCCEEDED, false);
        load("b");
        assertThat(page()).doesNotContain("runbook=\"a\"").contains("runbook=\"b\"");
        finish("a", RunState.SUCCEEDED, false);
        assertThat(page()).doesNotContain("runbook=\"a\"");
    }

    @Test
    void showsLoadErrors() {
        registry.swap(new RunbookRegistry.Contents(
                new TreeMap<>(),
                List.of(Problem.of("a.groovy", "broken", null), Problem.of("b.groovy", "broken", null))));
        assertThat(page()).contains("\nwatchkeeper_runbook_load_errors 2.0\n");
    }

    @Test
    void addsUpWhatVerbsMoved() {
        metrics.verbFinished("1", 0, copy(5));
        metrics.verbFinished("2", 0, copy(7));
        metrics.verbFinished("2", 0, new VerbResult("log", Map.of()));
        assertThat(page())
                .contains(
                        "watchkeeper_table_rows_total{operation=\"copyTable\",database=\"ship\",table=\"public.t\"} 12.0")
                .contains(
                        "watchkeeper_table_bytes_total{operation=\"copyTable\",database=\"ship\",table=\"public.t\"} 2048.0")
                .contains("watchkeeper_stage_duration_seconds_sum{operation=\"copyTable\",stage=\"load\"} 3.0")
                .contains("watchkeeper_stage_duration_seconds_count{operation=\"copyTable\",stage=\"load\"} 2.0");
    }

    @Test
    void boundsWhatAWildCopyCouldAdd() {
        for (int i = 0; i < 2_100; i++) {
            metrics.verbFinished(
                    "1", 0, new VerbResult("copyTable", Map.of("table", "t" + i, "to", "ship", "rowsWritten", 1)));
        }
        assertThat(page())
                .contains("table=\"t1999\"")
                .doesNotContain("table=\"t2000\"")
                .contains(
                        "watchkeeper_table_rows_total{operation=\"copyTable\",database=\"ship\",table=\"other\"} 100.0");
    }

    @Test
    void whatATableIsDoingRightNowMakesNoSeries() {
        load("a");
        String before = page();
        for (int i = 0; i < 100; i++) {
            metrics.progressed("1", 0, new Progress("public.t" + i, "waiting: " + i + " sessions", i, 100, i));
            metrics.verbFinished(
                    "1",
                    0,
                    new VerbResult("alertWhen", Map.of("table", "public.t" + i, "limit", "moreThan", "text", "x" + i)));
        }
        assertThat(series(page())).isEqualTo(series(before));
    }

    private static List<String> series(String page) {
        return page.lines()
                .filter(line -> line.startsWith("watchkeeper_"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .toList();
    }

    @Test
    void measuresTheSchedulersLateness() {
        metrics.schedulerFired(Duration.ofMillis(40));
        assertThat(page())
                .contains("watchkeeper_scheduler_lateness_seconds_bucket{le=\"0.025\"} 0.0")
                .contains("watchkeeper_scheduler_lateness_seconds_bucket{le=\"0.05\"} 1.0");
    }

    @Test
    void saysWhichVersionRunsAndHowTheJvmIs() {
        assertThat(page())
                .contains("watchkeeper_build_info{version=\"1.2.3\"} 1.0")
                .contains("jvm_memory_bytes_used");
    }

    @Test
    void keepsTheNamesInOpenMetrics() {
        load("a");
        MetricsPage.Page page = metrics.render("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(page.contentType()).startsWith("application/openmetrics-text");
        assertThat(page.body())
                .contains("watchkeeper_run_total{runbook=\"a\",state=\"failed\"} 0.0")
                .endsWith("# EOF\n");
    }

    private String page() {
        return metrics.render("").body();
    }

    private void finish(String runbook, RunState state, boolean dryRun) {
        RunOutcome run = run(runbook, state, dryRun);
        metrics.runAccepted(run);
        metrics.runFinished(run);
    }

    private static RunOutcome run(String runbook, RunState state, boolean dryRun) {
        return new RunOutcome(
                "01JD8",
                runbook,
                "shore-1",
                state,
                START,
                Duration.ofSeconds(2),
                dryRun,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null);
    }

    private static VerbResult copy(int rows) {
        return new VerbResult(
                "copyTable",
                Map.of(
                        "table",
                        "public.t",
                        "from",
                        "shore",
                        "to",
                        "ship",
                        "rowsWritten",
                        rows,
                        "bytes",
                        1_024,
                        "stages",
                        Map.of("load", 1_500)));
    }

    private void load(String... names) {
        TreeMap<String, Runbook> runbooks = new TreeMap<>();
        for (String name : names) {
            runbooks.put(
                    name,
                    new Runbook(
                            name,
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
                            new SourceLocation(name + ".groovy", 1),
                            "f"));
        }
        registry.swap(new RunbookRegistry.Contents(runbooks, List.of()));
    }
}
