package io.watchkeeper.checklist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecklistReportsTest {

    private static final Instant NOW = Instant.parse("2026-11-21T06:00:00Z");
    private static final String RUN = "01JD8000000000000000000001";

    @TempDir
    Path state;

    private RunHistory history;
    private Measurements figures;
    private ChecklistReports reports;
    private final List<ChecklistReports.Written> written = new ArrayList<>();

    @BeforeEach
    void openStore() {
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        history = RunHistory.open(state, clock);
        figures = history.measurements();
        reports = new ChecklistReports(state, figures, clock, written::add);
    }

    @AfterEach
    void closeStore() {
        history.close();
    }

    @Test
    void saysThatAllIsWell() throws Exception {
        reports.runFinished(run(RunState.SUCCEEDED, null, step(0, "sizes", sizes(ReviewStatus.OK, ""))));

        assertThat(page()).contains("✔ All is well. 1 item was gone through, and nothing needs you.");
        assertThat(page()).contains("shore: 4.0 GB in 2 databases").doesNotContain("What to do now");
        assertThat(json().path("status").asText()).isEqualTo("ok");
    }

    @Test
    void whatHasToBeMendedComesFirstWithTheLineThatMendsIt() throws Exception {
        reports.runFinished(run(
                RunState.FAILED,
                RunError.of("sizes of database 'shore': the disk is full in 2 days", null),
                failed(
                        1,
                        "sizes",
                        "sizes of database 'shore': the disk is full in 2 days",
                        sizes(ReviewStatus.FAIL, "drop table <x>;")),
                step(2, "cache", check("warn", 91.5))));

        String page = page();
        assertThat(page).contains("✖ 1 thing needs you now, and 1 more can wait.");
        assertThat(page).contains("<pre>drop table &lt;x&gt;;</pre>");
        assertThat(page.indexOf("What to do now")).isLessThan(page.indexOf("When there is time"));
        assertThat(page).contains("cache hit: 91.50, limit 95").contains("<details>");
        assertThat(text("report.md")).contains("1. ✖ shore: the disk is full", "   drop table <x>;", "▲ look at it");
        assertThat(text("report.ko.html")).contains("지금 처리할 일이 1건 있습니다. 나중에 볼 것이 1건 더 있습니다.");
        assertThat(json().path("now").get(0).path("remedy").asText()).isEqualTo("drop table <x>;");
    }

    @Test
    void itemThatCouldNotBeDoneSaysWhyAndOnesNotReachedAreNotWell() throws Exception {
        StepOutcome left = new StepOutcome(2, "locks", RunState.SKIPPED, Duration.ZERO, 0, List.of(), null);
        StepOutcome hook = new StepOutcome(3, "onFailure", RunState.SUCCEEDED, Duration.ZERO, 1, List.of(), null);
        reports.runFinished(run(
                RunState.TIMED_OUT,
                RunError.of("timed out after 1 h, in step 'sizes'", null),
                failed(1, "sizes", "no connection to 'shore'"),
                left,
                hook));

        assertThat(page())
                .contains("✖ The checklist was not finished: timed out after 1 h")
                .contains("no connection to &#39;shore&#39;".replace("&#39;", "'"))
                .contains("– not reached")
                .doesNotContain("onFailure");
    }

    @Test
    void showsHowFiguresHaveDevelopedAndWhatTheAgentDid() throws Exception {
        for (int day = 40; day >= 0; day--) {
            figures.note(
                    NOW.minus(Duration.ofDays(day)),
                    List.of(new Measurement("shore", "database_bytes", "", (100 - day) * 1024.0 * 1024)));
        }
        figures.note(NOW, List.of(new Measurement("shore", "table_bytes", "once", 5)));
        reports.runFinished(run(
                RunState.SUCCEEDED,
                null,
                step(1, "sizes", sizes(ReviewStatus.OK, "")),
                step(2, "dead rows", vacuumed("public.a", 1200), vacuumed("public.b", 0), vacuumed("public.c", 34))));

        assertThat(page())
                .contains("Size of the database", "<polyline points=", "70 MB", "100 MB", "+ 30 MB")
                .doesNotContain("once");
        assertThat(page())
                .contains("What the agent did by itself")
                .contains(
                        "<li>shore: vacuumed public.a, public.c: 1 234 dead rows removed; nothing was due in 1 table</li>");
        assertThat(text("report.md")).contains("| Size of the database (shore) | 70 MB | 100 MB | + 30 MB |");
    }

    @Test
    void notesWhatDrillsTookAlsoOfOtherRunbooksAndWritesNothingForThem() {
        VerbResult drill =
                new VerbResult("pitrDrill", Map.of("database", "shore", "rpoSeconds", 4, "rtoSeconds", 61.5));
        reports.runFinished(
                run(RunState.SUCCEEDED, null, step(0, "drill", drill)).asChecklist(null));

        assertThat(figures.series("shore", "restore_rto_seconds", "", NOW.minusSeconds(60)))
                .containsExactly(new Sample(NOW, 61.5));
        assertThat(written).isEmpty();
        assertThat(state.resolve("reports")).doesNotExist();
    }

    @Test
    void keptReportsAreFoundInShort() throws Exception {
        RunOutcome run = run(RunState.SUCCEEDED, null, step(0, "sizes", sizes(ReviewStatus.WARN, "look")));
        history.runAccepted(run);
        history.runFinished(run);
        reports.runFinished(run);

        List<KeptReport> kept = KeptReport.of(history.lastChecklists(), state);

        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).state()).isEqualTo(ItemState.WARN);
        assertThat(kept.get(0).later()).isEqualTo(1);
        assertThat(kept.get(0).verdict(Locale.KOREAN)).startsWith("지금 할 일은 없습니다.");
        assertThat(history.find(RUN).orElseThrow().checklist()).isEqualTo(Checklist.DAILY);
    }

    @Test
    void runThatDiedWithItsProcessIsNotFinished() throws Exception {
        reports.runFinished(run(
                RunState.FAILED,
                RunError.of("interrupted: the process that ran it ended before the run did", null),
                step(0, "sizes", sizes(ReviewStatus.OK, ""))));

        assertThat(page()).contains("▲ The checklist was not finished: interrupted: the process that ran it ended");
    }

    @Test
    void dryRunsAndSkippedRunsLeaveTheLastReportStanding() {
        reports.runFinished(run(RunState.SKIPPED, RunError.of("already running", null)));
        assertThat(written).isEmpty();
    }

    private static VerbResult sizes(ReviewStatus status, String remedy) {
        String message = status == ReviewStatus.OK ? "room enough" : "the disk is full in 2 days";
        Review review = new Review(
                "sizes",
                "shore",
                "4.0 GB in 2 databases",
                List.of(new ReviewFinding("daysUntilFull", status, message, remedy)),
                List.of(Map.of("database", "app", "sizeBytes", 4_294_967_296L)));
        return new VerbResult("databaseSizes", review.fields());
    }

    @Test
    void partitionsThatWereMadeAndWhatStandsInTheWayAreSaid() throws Exception {
        Map<String, Object> finding = Map.of(
                "status", "warn", "message", "3 rows stand in the default partition", "remedy", "moveDefaultRows true");
        Map<String, Object> made = Map.of(
                "database", "shore", "table", "public.a", "created", List.of("public.a_2026_12"), "movedRows", 0);
        Map<String, Object> held =
                Map.of("database", "shore", "table", "public.b", "movedRows", 0, "findings", List.of(finding));
        reports.runFinished(run(
                RunState.SUCCEEDED,
                null,
                step(
                        0,
                        "partitions",
                        new VerbResult("maintainPartitions", made),
                        new VerbResult("maintainPartitions", held))));

        assertThat(page())
                .contains("<li>shore: public.a: created public.a_2026_12; nothing was due in 1 table</li>")
                .contains("▲ Nothing has to be done now. 1 thing")
                .contains("shore: 3 rows stand in the default partition", "<pre>moveDefaultRows true</pre>");
    }

    private static VerbResult vacuumed(String table, int dead) {
        return dead == 0
                ? new VerbResult("vacuum", Map.of("database", "shore", "table", table, "skipped", "few dead rows"))
                : new VerbResult(
                        "vacuum",
                        Map.of("database", "shore", "table", table, "deadTuplesBefore", dead, "deadTuplesAfter", 0));
    }

    private static VerbResult check(String status, double value) {
        return new VerbResult("check", Map.of("name", "cache hit", "status", status, "value", value, "warn", 95));
    }

    private static StepOutcome step(int index, String name, VerbResult... results) {
        return new StepOutcome(index, name, RunState.SUCCEEDED, Duration.ofMillis(120), 1, List.of(results), null);
    }

    private static StepOutcome failed(int index, String name, String message, VerbResult... results) {
        return new StepOutcome(
                index, name, RunState.FAILED, Duration.ofMillis(120), 1, List.of(results), RunError.of(message, null));
    }

    private static RunOutcome run(RunState outcome, @Nullable RunError error, StepOutcome... steps) {
        return new RunOutcome(
                RUN,
                "checklist-daily",
                "ship-7",
                outcome,
                NOW,
                Duration.ofSeconds(3),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(steps),
                error,
                Checklist.DAILY,
                null);
    }

    private String page() throws IOException {
        return text("report.html");
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(text("report.json"));
    }

    private String text(String file) throws IOException {
        return Files.readString(state.resolve("reports").resolve(RUN).resolve(file));
    }
}
