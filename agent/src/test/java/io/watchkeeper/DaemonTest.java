package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own, from start to stop and over kill -9. */
class DaemonTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUICK =
            "runbook('quick') { step('ask') { def rows = query('shore', 'select 42 as answer'); log.info \"got ${rows.size()}\" } }\n";
    private static final String SLOW = "runbook('slow') { step('wait') { query 'shore', 'select pg_sleep(60)' } }\n";

    @TempDir
    Path home;

    private final HttpClient http = HttpClient.newHttpClient();
    private TestHost host;

    private @Nullable Process daemon;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
        }
    }

    @Test
    void aTriggeredRunbookIsRunRecordedAndCounted() throws Exception {
        host.runbook("quick.groovy", QUICK);
        start();

        TestHost.Called triggered = host.call("trigger", "quick", "--json");

        assertThat(triggered.exitStatus()).as(triggered.err()).isZero();
        String id = JSON.readTree(triggered.out()).get("runId").asText();
        soon().until(() -> get("/v1/runs/" + id).path("state").asText().equals("succeeded"));
        assertThat(get("/v1/runs/" + id)
                        .path("steps")
                        .path(0)
                        .path("results")
                        .path(0)
                        .path("verb")
                        .asText())
                .isEqualTo("query");
        assertThat(text("/metrics"))
                .contains("watchkeeper_run_total{runbook=\"quick\",state=\"succeeded\"} 1.0")
                .contains("watchkeeper_run_total{runbook=\"quick\",state=\"failed\"} 0.0");
        assertThat(host.call("list").out()).contains("quick", "succeeded");
        assertThat(host.call("status").out()).contains("shore-1");
        assertThat(text("/")).contains("quick");
    }

    @Test
    void whatTheCallerGotWrongIsTwoAndSaidInWordsOfTheCommandLine() throws Exception {
        host.runbook("quick.groovy", QUICK);
        start();

        TestHost.Called unknown = host.call("trigger", "quik");
        assertThat(unknown.exitStatus()).isEqualTo(2);
        assertThat(unknown.err()).contains("did you mean 'quick'?", "watchkeeper list");
        assertThat(host.call("trigger", "quick", "-P", "x=1").exitStatus()).isEqualTo(2);
        assertThat(host.call("history", "--state", "done").exitStatus()).isEqualTo(2);
        assertThat(host.call("pause", "quik").exitStatus()).isEqualTo(2);
        TestHost.Called noRun = host.call("cancel", "01ABCDEF", "--json");
        assertThat(noRun.exitStatus()).isEqualTo(2);
        assertThat(JSON.readTree(noRun.out()).at("/error/hint").asText()).contains("watchkeeper history");
        assertThat(JSON.readTree(host.call("pause", "quick", "--json").out())
                        .path("paused")
                        .asBoolean())
                .isTrue();
        assertThat(JSON.readTree(host.call("resume", "quick", "--json").out())
                        .path("paused")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void aSavedFileIsLoadedWithoutARestartAndABrokenOneKeepsTheLastGoodVersion() throws Exception {
        host.runbook("quick.groovy", QUICK);
        start();
        assertThat(names()).containsExactly("quick");

        host.runbook("other.groovy", QUICK.replace("quick", "other"));
        soon().untilAsserted(() -> assertThat(names()).containsExactly("other", "quick"));

        host.runbook("other.groovy", QUICK.replace("step", "stepp"));
        soon().untilAsserted(() -> assertThat(text("/metrics")).contains("watchkeeper_runbook_load_errors 1.0"));
        assertThat(names()).containsExactly("other", "quick");
        assertThat(text("/")).contains("other.groovy:1");

        Files.delete(host.runbooks().resolve("other.groovy"));
        soon().untilAsserted(() -> assertThat(names()).containsExactly("quick"));
    }

    @Test
    void aScheduledRunbookRunsByItself() throws Exception {
        host.runbook(
                "each.groovy",
                "runbook('each') { schedule { every 1.second }; step('x') { query 'shore', 'select 1' } }\n");
        start();

        soon().until(() -> get("/v1/runs?runbook=each&state=succeeded").size() >= 2);
        assertThat(get("/v1/runs?runbook=each").path(0).path("trigger").asText())
                .isEqualTo("schedule");
    }

    @Test
    void pauseSurvivesARestart() throws Exception {
        host.runbook(
                "each.groovy",
                "runbook('each') { schedule { cron '0 0 3 * * ?' }; step('x') { query 'shore', 'select 1' } }\n");
        start();
        assertThat(host.call("pause", "each").exitStatus()).isZero();

        stopGracefully();
        start();

        assertThat(get("/v1/runbooks/each").path("paused").asBoolean()).isTrue();
        assertThat(host.call("resume", "each").exitStatus()).isZero();
        assertThat(get("/v1/runbooks/each").path("paused").asBoolean()).isFalse();
    }

    @Test
    void aRunCutOffByKillNineIsMarkedInterruptedAtTheNextStart() throws Exception {
        host.runbook("slow.groovy", SLOW);
        start();
        String id = JSON.readTree(host.call("trigger", "slow", "--json").out())
                .get("runId")
                .asText();
        soon().until(() -> sleeping() == 1);

        running().destroyForcibly().waitFor();
        start();

        JsonNode run = get("/v1/runs/" + id);
        assertThat(run.path("state").asText()).isEqualTo("failed");
        assertThat(run.path("error").path("message").asText()).contains("interrupted");
        TestServers.execute(
                TestServers.shore(),
                "postgres",
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + host.shoreDatabase()
                        + "'");
    }

    @Test
    void aRunCutOffByKillNineIsAFailureThatOnFailureHearsOf() throws Exception {
        host.runbook(
                "slow.groovy", SLOW.replace(" }\n", "; onFailure { alert 'page', \"slow: ${error.message}\" } }\n"));
        start();
        host.call("trigger", "slow");
        soon().until(() -> sleeping() == 1);

        running().destroyForcibly().waitFor();
        start();

        soon().until(() -> {
            try (RunHistory history = RunHistory.openForReading(host.state(), Clock.systemUTC())) {
                return history.alerts().all().stream()
                        .anyMatch(alert -> alert.alert().text().startsWith("slow: interrupted"));
            }
        });
        TestServers.execute(
                TestServers.shore(),
                "postgres",
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + host.shoreDatabase()
                        + "'");
    }

    @Test
    void cancelEndsTheStatementOnTheServer() throws Exception {
        host.runbook("slow.groovy", SLOW);
        start();
        String id = JSON.readTree(host.call("trigger", "slow", "--json").out())
                .get("runId")
                .asText();
        soon().until(() -> sleeping() == 1);

        assertThat(host.call("cancel", id).exitStatus()).isZero();

        soon().until(() -> get("/v1/runs/" + id).path("state").asText().equals("cancelled"));
        soon().until(() -> sleeping() == 0);
    }

    @Test
    void aSecondAgentOnTheSameStateIsRefusedWithAHint() throws Exception {
        start();

        Process second = host.spawn("agent");

        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isNotZero();
        assertThat(host.spawnedOutput()).contains("HINT");
        assertThat(running().isAlive()).isTrue();
    }

    @Test
    void stopCancelsWhatDoesNotEndWithinTheGracePeriod() throws Exception {
        host.writeConfig("shutdown: { grace: 1s }\n");
        host.runbook("slow.groovy", SLOW);
        start();
        host.call("trigger", "slow");
        soon().until(() -> sleeping() == 1);

        stopGracefully();

        assertThat(sleeping()).isZero();
        assertThat(host.call("history", "slow").out()).contains("cancelled");
    }

    @Test
    void whatAnUpgradeCutsOffIsStartedAgainAndWhatAPlainStopCutsOffIsNot() throws Exception {
        Path mark = home.resolve("upgrade");
        host.writeConfig("shutdown: { grace: 1s, drain: 1s }\n");
        host.runbook("slow.groovy", SLOW);
        start(Map.of("WATCHKEEPER_UPGRADE_MARK", mark.toString()));
        host.call("trigger", "slow");
        soon().until(() -> sleeping() == 1);

        Files.createFile(mark);
        stopGracefully();
        assertThat(sleeping()).isZero();
        start(Map.of("WATCHKEEPER_UPGRADE_MARK", mark.toString()));

        soon().until(() -> sleeping() == 1);
        JsonNode runs = get("/v1/runs?runbook=slow");
        assertThat(runs).hasSize(2);
        assertThat(runs.path(0).path("trigger").asText()).isEqualTo("catchUp");
        assertThat(runs.path(1).path("state").asText()).isEqualTo("cancelled");

        Files.delete(mark);
        stopGracefully();
        start();
        assertThat(get("/v1/runs?runbook=slow")).hasSize(2);
        assertThat(sleeping()).isZero();
    }

    @Test
    void anUpgradeWaitsForARunLongerThanAPlainStop() throws Exception {
        Path mark = Files.createFile(home.resolve("upgrade"));
        host.writeConfig("shutdown: { grace: 0s, drain: 30s }\n");
        host.runbook("short.groovy", SLOW.replace("slow", "short").replace("(60)", "(4)"));
        start(Map.of("WATCHKEEPER_UPGRADE_MARK", mark.toString()));
        String id = JSON.readTree(host.call("trigger", "short", "--json").out())
                .get("runId")
                .asText();
        soon().until(() -> get("/v1/runs/" + id).path("state").asText().equals("running"));

        stopGracefully();
        start();

        assertThat(get("/v1/runs/" + id).path("state").asText()).isEqualTo("succeeded");
        assertThat(get("/v1/runs?runbook=short")).hasSize(1);
    }

    @Test
    void anUnconfiguredHostStartsAndSaysWhatToDo() throws Exception {
        Files.writeString(
                host.config(),
                "runbooks: " + host.runbooks() + "\nstate: " + host.state() + "\nhttp: { listen: \"127.0.0.1:"
                        + host.port() + "\" }\n");
        start();

        assertThat(text("/")).contains("What to do next", "No runbook is loaded");
    }

    @Test
    void tablesOfDatabasesThatAreNotConfiguredAreNotShown() throws Exception {
        try (RunHistory history = RunHistory.open(host.state(), Clock.systemUTC())) {
            RunOutcome run = new RunOutcome(
                    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                    "ship-sync",
                    "shore-1",
                    RunState.SUCCEEDED,
                    Instant.now(),
                    Duration.ZERO,
                    false,
                    RunTrigger.SCHEDULE,
                    Map.of(),
                    List.of(),
                    null);
            history.runAccepted(run);
            for (String database : List.of("ship", "scrapped")) {
                history.verbFinished(
                        run.runId(),
                        0,
                        new VerbResult("syncTable", Map.of("table", "public.t", "from", "shore", "to", database)));
            }
            history.runFinished(run);
        }
        start();

        assertThat(get("/v1/sync").toString()).contains("\"ship\"").doesNotContain("scrapped");
        assertThat(text("/metrics"))
                .contains("watchkeeper_sync_age_seconds{database=\"ship\",table=\"public.t\"}")
                .doesNotContain("scrapped");
    }

    @Test
    void anAddressThatTheHostDoesNotHaveIsSaidToBeThat() throws Exception {
        Files.writeString(
                host.config(), Files.readString(host.config()).replace("127.0.0.1:" + host.port(), "192.0.2.1:9763"));

        assertThat(host.call("agent").err())
                .contains("cannot listen on 192.0.2.1:9763", "does not have it yet")
                .doesNotContain("Another agent");
    }

    private void start() {
        start(Map.of());
    }

    private void start(Map<String, String> environment) {
        daemon = host.spawn(environment, "agent");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!running().isAlive()) {
                        throw new IllegalStateException(host.spawnedOutput());
                    }
                    try {
                        return status("/health/ready") == 200;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    private Process running() {
        return Objects.requireNonNull(daemon, "not started");
    }

    private void stopGracefully() throws InterruptedException {
        running().destroy();
        assertThat(running().waitFor(30, TimeUnit.SECONDS))
                .as(host.spawnedOutput())
                .isTrue();
    }

    private List<String> names() throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        get("/v1/runbooks").forEach(runbook -> names.add(runbook.path("name").asText()));
        return names;
    }

    private int sleeping() {
        return Integer.parseInt(
                TestHost.ask(
                        TestServers.shore(),
                        host.shoreDatabase(),
                        "select count(*) from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active' and datname = current_database()"));
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50));
    }

    private int status(String path) throws IOException, InterruptedException {
        return send(path).statusCode();
    }

    private String text(String path) throws IOException, InterruptedException {
        return send(path).body();
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(send(path).body());
    }

    private HttpResponse<String> send(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(host.address() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
