package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.line;
import static io.watchkeeper.http.AgentStandIn.run;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.AgentStandIn.settings;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Secret;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {

    private static final String EVIL = "<script>alert('x')</script>";

    private AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void saysThatAllIsWell() {
        agent.load(runbook("a"), runbook("b"));
        agent.past(run(id(1), "a", RunState.FAILED));
        agent.past(run(id(2), "a", RunState.SUCCEEDED));
        String page = page("/");
        assertThat(page).contains("<h1>All well.</h1>", "2 runbooks, last problem", "10 min ago");
        assertThat(page).doesNotContain("class=\"card");
    }

    @Test
    void saysWhatToDoWhenThereIsNothingYet() {
        assertThat(page("/"))
                .contains(
                        "<h1>Ready for its first runbook.</h1>",
                        "What to do next",
                        "watchkeeper validate /etc/watchkeeper/runbooks");
    }

    @Test
    void showsEachProblemWithPlaceLineAndHint(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("ship-sync.groovy");
        Files.writeString(file, "runbook('ship-sync') {\n  schedule { corn '0 0 2 * * ?' }\n}\n");
        agent.load(
                List.of(new Problem(
                        file.toString(), 2, 14, "unknown option 'corn' in 'schedule'", "did you mean 'cron'?")),
                runbook("ship-sync", file.toString()));
        assertThat(page("/"))
                .contains("<h1>1 thing needs you.</h1>")
                .contains(file + ":2:14")
                .contains("unknown option &#39;corn&#39; in &#39;schedule&#39;", "did you mean &#39;cron&#39;?")
                .contains("<span class=\"line meant\"><span class=\"number\">2</span>  schedule { corn")
                .contains("The last good version of this runbook is still in force.");
    }

    @Test
    void countsFailuresInARowAndLooksPastSkippedRuns() {
        agent.load(runbook("a"));
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        agent.past(run(id(2), "a", RunState.FAILED));
        agent.past(run(id(3), "a", RunState.TIMED_OUT));
        agent.past(run(id(4), "a", RunState.SKIPPED));
        assertThat(page("/")).contains("1 thing needs you.", "2 times in a row", "/runs/" + id(3));
    }

    /** A window of hours without a start leaves a skipped run for every fire time in it. */
    @Test
    void forgetsNoFailureOverHoweverManySkippedRuns() throws Exception {
        agent.load(runbook("a"));
        agent.past(run(id(1), "a", RunState.FAILED));
        for (int i = 2; i <= 100; i++) {
            agent.past(run(id(i), "a", RunState.SKIPPED));
        }
        assertThat(page("/")).contains("1 thing needs you.", "/runs/" + id(1));
        assertThat(json(agent.get("/v1/status")).at("/attention/0/runId").asText())
                .isEqualTo(id(1));
    }

    @Test
    void forgivesAFailureOnceTheRunbookSucceeds() {
        agent.load(runbook("a"));
        agent.past(run(id(1), "a", RunState.FAILED));
        agent.past(run(id(2), "a", RunState.SUCCEEDED));
        agent.past(run(id(3), "a", RunState.CANCELLED));
        assertThat(page("/")).contains("All well.");
    }

    @Test
    void saysOfTheOldestRoundWhetherItsTableWasEverCompared() {
        agent.load(runbook("a"));
        Instant round = NOW.minus(Duration.ofMinutes(14));
        agent.tables = List.of(new TableState("ship", "public.t", round, 0L, NOW.minus(Duration.ofDays(3)), "shore"));
        assertThat(page("/"))
                .contains("<h3>Last sync</h3>", "ship: public.t, the oldest, limit 1 day, verified 3 days ago");
        agent.tables = List.of(new TableState("ship", "public.t", round, null));
        assertThat(page("/")).contains("ship: public.t, the oldest, limit 1 day, never verified");
    }

    @Test
    void showsTheArchiveThatIsBrokenNotTheOneThatIsBehind() {
        agent.load(runbook("a"));
        agent.protection = new MadeUpProtection(NOW)
                .archive("shore", Duration.ofMinutes(4))
                .archive("ship", Duration.ofSeconds(9), "the archive of 'ship' has a gap")
                .build();
        assertThat(page("/")).contains("<li class=\"figure failed\"><h3>Recoverable to</h3>", "ship, limit 5 min");
        agent.protection = new MadeUpProtection(NOW)
                .archive("shore", Duration.ofSeconds(4), "the archive of 'shore' has a gap")
                .unreadableArchive("ship", "/backups/ship cannot be read")
                .build();
        assertThat(page("/"))
                .containsPattern(
                        "<li class=\"figure failed\"><h3>Recoverable to</h3><p class=\"value\">.*not known</p>")
                .contains("ship, limit 5 min");
    }

    @Test
    void showsThatADatabaseHasNeverPassedADrill() {
        agent.load(runbook("a"));
        agent.protection = new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofHours(5))
                .drill("shore", Duration.ofDays(2), true, 2.5, 492)
                .backup("ship", "base", Duration.ofDays(9))
                .backup("notes", "dump", Duration.ofHours(1))
                .build();
        assertThat(page("/"))
                .containsPattern(
                        "<li class=\"figure failed\"><h3>Last good restore drill</h3><p class=\"value\">.*never</p>")
                .contains("ship, limit 8 days, RTO –");
    }

    @Test
    void refusesAPageOfRunsBeforeWhatIsNoRun() {
        assertThat(agent.get("/runs?before=yesterday", "Accept", "text/html").statusCode())
                .isEqualTo(400);
    }

    @Test
    void showsReasonsAndWarnings() {
        agent.load(runbook("a"));
        agent.warnings.add("database ship is out of reach");
        assertThat(page("/")).contains("All well, with one warning.", "database ship is out of reach");
        agent.notReadyBecause.add("the scheduler does not answer");
        assertThat(page("/")).contains("1 thing needs you.", "the scheduler does not answer");
    }

    @Test
    void tellsToolsTheSame() throws Exception {
        agent.load(List.of(new Problem("b.groovy", 7, 0, "no such word", null)), runbook("a"));
        agent.past(failed(id(2)));
        JsonNode status = json(agent.get("/v1/status"));
        assertThat(status.at("/headline").asText()).isEqualTo("2 things need you.");
        assertThat(status.at("/attention/0/message").asText()).isEqualTo("a failed: relation \"t\" does not exist");
        assertThat(status.at("/attention/0/runId").asText()).isEqualTo(id(2));
        assertThat(status.at("/attention/1/message").asText()).isEqualTo("b.groovy:7: no such word");
    }

    @Test
    void showsWhatRunsWithProgressInWords() {
        agent.load(runbook("a"));
        agent.begin(id(1), "a");
        agent.live.progressed(id(1), 0, new Progress("public.chunks", "load", 640, 1_000, 4_096));
        assertThat(page("/"))
                .contains("<progress max=\"100\" value=\"64\" aria-label=\"public.chunks\">")
                .contains("<span class=\"outlook\"><span class=\"part\">64 %</span>")
                .contains(
                        "<span class=\"part\">load</span> <span class=\"part\">640 rows</span> <span class=\"part wide\">4 KB</span>")
                .contains("data-act=\"cancel\"");
    }

    @Test
    void countsDownToTheNextRuns() {
        agent.load(runbook("a"));
        assertThat(page("/"))
                .contains("<time class=\"in\" datetime=\"2026-11-21T03:15:00Z\"")
                .contains("in 15 min");
        agent.paused.add("a");
        assertThat(page("/")).contains("Nothing is scheduled.", "paused", "data-paused=\"false\"");
    }

    @Test
    void saysHowARunWentWithErrorAndSource(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("a.groovy");
        Files.writeString(file, "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
        agent.load(runbook("a", file.toString()));
        agent.past(new RunOutcome(
                id(1),
                "a",
                "shore-1",
                RunState.FAILED,
                NOW,
                Duration.ofMillis(9_260),
                false,
                RunTrigger.SCHEDULE,
                Map.of("since", "1 day"),
                List.of(),
                new RunError("relation \"t\" does not exist", "Create it first.", file.toString(), 4, "42P01")));
        String page = page("/runs/" + id(1));
        assertThat(page)
                .contains(
                        "failed after 9.3 s",
                        "relation &quot;t&quot; does not exist",
                        "Create it first.",
                        "SQLSTATE 42P01")
                .contains(
                        "<span class=\"number\">2</span>two",
                        "meant\"><span class=\"number\">4</span>four",
                        "<span class=\"number\">6</span>six")
                .doesNotContain("<span class=\"number\">1</span>", "<span class=\"number\">7</span>")
                .contains("watchkeeper run a -P &#39;since=1 day&#39;");
    }

    @Test
    void readsNoFileThatIsNotARunbook(@TempDir Path folder) throws Exception {
        Path secret = folder.resolve("shadow");
        Files.writeString(secret, "root:x\n");
        agent.load(runbook("a"));
        agent.past(new RunOutcome(
                id(1),
                "a",
                "shore-1",
                RunState.FAILED,
                NOW,
                Duration.ZERO,
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                new RunError("broken", null, secret.toString(), 1, null)));
        assertThat(page("/runs/" + id(1))).contains("broken").doesNotContain("root:x");
    }

    @Test
    void showsStepsAndResultsAsNumbers() {
        agent.load(runbook("a"));
        agent.past(withSteps(id(1)));
        assertThat(page("/runs/" + id(1)))
                .contains("succeeded in 3.8 s", "merge what changed", "2 attempts")
                .contains("<caption><b>copyTable</b></caption>", "rows written", "1,184", "922 KB", "extract 600 ms")
                .contains("<rect x=\"0.00\" width=\"25.00\"", "<rect x=\"25.00\" width=\"75.00\"");
    }

    @Test
    void showsTheLogWithItsLevels() {
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        agent.logs.put(id(1), List.of(line("12 rows")));
        assertThat(page("/runs/" + id(1))).contains("<li class=\"info\">", "12 rows", "data-running=\"false\"");
        agent.begin(id(2), "a");
        assertThat(page("/runs/" + id(2))).contains("data-running=\"true\"");
    }

    @Test
    void showsARunbookWithItsParametersAndSource(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("a.groovy");
        Files.writeString(file, "runbook('a') {\n}\n");
        agent.load(runbook("a", file.toString(), new Parameter("since", "1 day"), new Parameter("table", null)));
        assertThat(page("/runbooks/a"))
                .contains("Copies what changed ashore", "every 15 min, Asia/Seoul")
                .contains(
                        "name=\"since\" autocomplete=\"off\" placeholder=\"1 day\"",
                        "name=\"table\" autocomplete=\"off\" required")
                .contains("at most 1 h; a failed step is not tried again; skipped while an earlier run goes on")
                .contains("id=\"L1\"", "runbook(&#39;a&#39;) {");
    }

    @Test
    void listsRunsInPages() {
        for (int i = 1; i <= 60; i++) {
            agent.past(run(id(i), i % 2 == 0 ? "even" : "odd", RunState.SUCCEEDED));
        }
        String first = page("/runs");
        assertThat(first).contains(id(60), id(11), "/runs?before=" + id(11)).doesNotContain(id(10));
        assertThat(page("/runs?before=" + id(11))).contains(id(10), id(1)).doesNotContain("Older runs");
        assertThat(page("/runs?runbook=odd")).contains(id(59)).doesNotContain(id(60));
    }

    @Test
    void aReportNeedsNothingButItself() {
        agent.load(runbook("a"));
        agent.past(withSteps(id(1)));
        HttpResponse<String> report = agent.get("/v1/runs/" + id(1) + "/report");
        assertThat(report.body())
                .contains("<style>", "succeeded in 3.8 s", "1,184")
                .doesNotContain("<script", "<link", "<button", "href=\"/");
        assertThat(report.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "style-src 'sha256-");
    }

    @Test
    void reportIsWhatTheVerbsWroteOrElseTheRun() {
        agent.load(runbook("a"));
        agent.past(withSteps(id(1)));
        assertThat(agent.get("/v1/runs/" + id(1) + "/report?format=json").body())
                .contains("\"runId\":\"" + id(1) + "\"");

        agent.verifications.put(id(1), "{\"verified\": false, \"differences\": 3}");
        HttpResponse<String> report = agent.get("/v1/runs/" + id(1) + "/report?format=json");
        assertThat(report.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(report.body()).isEqualTo("{\"verified\": false, \"differences\": 3}");

        agent.reportPages.put(id(1), "<!DOCTYPE html><title>The backup restores</title>");
        HttpResponse<String> page = agent.get("/v1/runs/" + id(1) + "/report");
        assertThat(page.body()).contains("The backup restores");
        assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .startsWith("default-src 'none'")
                .doesNotContain("script-src");

        assertThat(agent.get("/v1/runs/" + id(1) + "/report?format=pdf").statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/runs",
                "/runs/01JD8000000000000000000001",
                "/runbooks/%3Cscript%3Ealert('x')%3C%2Fscript%3E",
                "/v1/runs/01JD8000000000000000000001/report"
            })
    void runsNoScriptThatARunbookSmugglesIn(String path) {
        agent.load(List.of(new Problem(EVIL, 1, 1, EVIL, EVIL)), runbook(EVIL, EVIL, new Parameter(EVIL, EVIL)));
        RunError error = new RunError(EVIL, EVIL, EVIL, 1, EVIL);
        agent.past(new RunOutcome(
                id(1),
                EVIL,
                EVIL,
                RunState.FAILED,
                NOW,
                Duration.ZERO,
                false,
                RunTrigger.SCHEDULE,
                Map.of(EVIL, EVIL),
                List.of(new StepOutcome(
                        0,
                        EVIL,
                        RunState.FAILED,
                        Duration.ZERO,
                        1,
                        List.of(new VerbResult(EVIL, Map.of(EVIL, EVIL, "list", List.of(Map.of(EVIL, EVIL))))),
                        error)),
                error));
        agent.logs.put(id(1), List.of(line(EVIL)));
        agent.warnings.add(EVIL);
        HttpResponse<String> answer = agent.get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("<script>").contains("&lt;script&gt;alert(&#39;x&#39;)");
    }

    @Test
    void showsNoSecrets() {
        Secret secret = Secret.of("s3cr3t&value");
        agent.load(runbook("a"));
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        agent.logs.put(id(1), List.of(line("url has " + secret.reveal())));
        assertThat(page("/runs/" + id(1))).contains("url has [redacted]").doesNotContain("s3cr3t");
    }

    @Test
    void loadsNothingFromElsewhereAndEverythingItNames() {
        agent.load(runbook("a"));
        String page = page("/");
        Matcher links = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(page);
        int size = 0;
        while (links.find()) {
            String link = links.group(1);
            assertThat(link).matches("[/#].*").doesNotStartWith("//");
            if (link.startsWith("/page/")) {
                HttpResponse<String> asset = agent.get(link);
                assertThat(asset.statusCode()).as(link).isEqualTo(200);
                assertThat(asset.headers().firstValue("Cache-Control").orElse(""))
                        .contains("immutable");
                size += asset.body().length();
            }
        }
        assertThat(size).isBetween(5_000, 60_000);
        assertThat(agent.get("/page/watchkeeper.css").body()).doesNotContain("http://", "https://", "@import");
        assertThat(agent.get("/page/watchkeeper.js").body()).doesNotContain("http://", "https://", "innerHTML =");
        assertThat(agent.get("/page/page.properties").statusCode()).isEqualTo(404);
    }

    @Test
    void canBeUsedWithoutSeeingIt() {
        agent.load(runbook("a"));
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        assertThat(page("/"))
                .contains(
                        "<a class=\"skip\" href=\"#main\">",
                        "<main id=\"main\"",
                        "<nav aria-label=",
                        "aria-live=\"polite\"")
                .contains("<th scope=\"col\">", "<th scope=\"row\">", "aria-current=\"page\"")
                .contains("<span class=\"shape\" aria-hidden=\"true\">✓</span> succeeded");
    }

    @Test
    void speaksTheReadersLanguage() {
        agent.load(runbook("a"));
        String korean = agent.get("/", "Accept", "text/html", "Accept-Language", "ko-KR,ko;q=0.9,en;q=0.5")
                .body();
        assertThat(korean).contains("<html lang=\"ko\">", "이상 없습니다.", "런북 1개");
        assertThat(agent.get("/", "Accept", "text/html", "Accept-Language", "fr-FR")
                        .body())
                .contains("<html lang=\"en\">", "All well.");
        assertThat(agent.get("/", "Accept", "text/html", "Accept-Language", ";;q=x")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void tellsABrowserWhatWentWrongInWords() {
        agent.load(runbook("ship-sync"));
        HttpResponse<String> answer = agent.get("/runbooks/ship-snyc", "Accept", "text/html");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("<h1>there is no runbook", "did you mean &#39;ship-sync&#39;?");
        assertProblem(agent.get("/runbooks/ship-snyc"), 404);
        assertProblem(agent.get("/v1/runbooks/ship-snyc", "Accept", "text/html"), 404);
    }

    @Test
    void asksForTheTokenOffLoopbackWithoutSayingAnythingElse() {
        agent.close();
        agent = AgentStandIn.start(settings("0.0.0.0", TOKEN, null, false));
        agent.load(runbook("a"));
        HttpResponse<String> signIn = agent.get("/", "Accept", "text/html");
        assertThat(signIn.statusCode()).isEqualTo(401);
        assertThat(signIn.body())
                .contains("Sign in with the token")
                .doesNotContain("shore-1", "0.1.0-test", "/etc/watchkeeper");
        assertThat(agent.get("/page/watchkeeper.js").statusCode()).isEqualTo(200);
        String cookie = agent.change("POST", "/v1/session", null)
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow()
                .split(";", 2)[0];
        assertThat(agent.get("/", "Accept", "text/html", "Cookie", cookie).body())
                .contains("shore-1");
    }

    private String page(String path) {
        HttpResponse<String> answer = agent.get(path, "Accept", "text/html");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
        return answer.body();
    }

    private static RunOutcome failed(String id) {
        return new RunOutcome(
                id,
                "a",
                "shore-1",
                RunState.FAILED,
                NOW,
                Duration.ofSeconds(1),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                new RunError("relation \"t\" does not exist", null, null, 0, "42P01"));
    }

    private static RunOutcome withSteps(String id) {
        VerbResult copied = new VerbResult(
                "copyTable",
                Map.of(
                        "table",
                        "public.documents",
                        "to",
                        "ship",
                        "rowsWritten",
                        1_184,
                        "bytes",
                        943_718,
                        "stages",
                        Map.of("extract", 600)));
        return new RunOutcome(
                id,
                "a",
                "shore-1",
                RunState.SUCCEEDED,
                NOW,
                Duration.ofMillis(3_800),
                false,
                RunTrigger.CLI,
                Map.of(),
                List.of(
                        new StepOutcome(0, "check", RunState.SUCCEEDED, Duration.ofMillis(1_000), 1, List.of(), null),
                        new StepOutcome(
                                1,
                                "merge what changed",
                                RunState.SUCCEEDED,
                                Duration.ofMillis(3_000),
                                2,
                                List.of(copied),
                                null)),
                null);
    }
}
