package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.approval.Approvals;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.metrics.RunMetrics;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.testing.TestServers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server over the real engine, store and a real database. */
class RealRunsTest {

    private final RunbookRegistry registry = new RunbookRegistry();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();

    private DatabaseSettings database;
    private RunHistory history;
    private DatabasePools databases;
    private RunbookRunner runner;
    private HttpServer server;

    @BeforeEach
    void start(@TempDir Path state) {
        Clock clock = Clock.systemUTC();
        database = TestServers.settings("shore", TestServers.shore(), TestServers.freshDatabase(TestServers.shore()));
        databases = new DatabasePools(List.of(database));
        history = RunHistory.open(state, clock);
        RunMetrics metrics = new RunMetrics(registry, "test", Map.of());
        metrics.watch(databases);
        LiveEvents live = new LiveEvents(registry);
        runner = new RunbookRunner("shore-1", state, databases, history, List.of(history, metrics, live), clock);
        server = new HttpServer(new HttpServer.Parts(
                new HttpServer.About("shore-1", "primary", "test", clock.instant(), null, state.toString()),
                AgentStandIn.settings("127.0.0.1", TOKEN, null, false),
                registry,
                RunControl.of(runner),
                RunArchive.of(history, state),
                new NothingScheduled(),
                metrics,
                () -> Protection.NONE,
                history::tables,
                history.measurements(),
                AuditSearch.none(),
                new ReplicationBoard(),
                ReplicationLimits.USUAL,
                List::of,
                List::of,
                (database, timestamp, lsn) -> {
                    throw new IllegalStateException("no drill is asked for here");
                },
                (wish, start) -> {
                    throw new TenantMaker.Refused(422, "no tenants here", null);
                },
                (revision, revert) -> {
                    throw new IllegalStateException("no migration is asked for here");
                },
                Approvals.none(),
                new AlwaysReady(),
                live,
                Audit.none(),
                clock));
        server.start();
    }

    @AfterEach
    void stop() {
        goOn.countDown();
        server.close();
        runner.close();
        databases.close();
        history.close();
    }

    @Test
    void aRunIsAskedForFollowedRecordedAndCounted() throws Exception {
        load(step("copy", context -> {
            context.info("half way with " + context.params().get("table"));
            context.work().progress(new Progress("public.t", "load", 50, 100, 4_096));
            assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
            context.record(new VerbResult("copyTable", Map.of("table", "public.t", "to", "ship", "rowsWritten", 100)));
        }));
        String id = json(call("POST", "/v1/runbooks/work/runs", "{\"params\": {\"table\": \"t\"}}"))
                .at("/runId")
                .asText();
        await().untilAsserted(() -> {
            JsonNode now = json(call("GET", "/v1/runs/" + id, null));
            assertThat(now.at("/state").asText()).isEqualTo("running");
            assertThat(now.at("/progress/0/percent").asInt()).isEqualTo(50);
        });
        assertThat(call("GET", "/v1/runs/" + id + "/log", null).body()).contains("half way with t");
        assertThat(call("GET", "/", null).body()).contains("value=\"50\"");

        HttpResponse<Stream<String>> events =
                client.send(request("GET", "/v1/runs/" + id + "/events", null), HttpResponse.BodyHandlers.ofLines());
        goOn.countDown();
        String told = events.body().filter(line -> line.startsWith("event: ")).collect(Collectors.joining("\n"));
        assertThat(told)
                .startsWith("event: runAccepted\nevent: runStarted\nevent: stepStarted\n")
                .contains("event: log", "event: verbFinished", "event: stepFinished")
                .endsWith("event: runFinished");

        JsonNode run = json(call("GET", "/v1/runs/" + id, null));
        assertThat(run.at("/state").asText()).isEqualTo("succeeded");
        assertThat(run.at("/trigger").asText()).isEqualTo("http");
        assertThat(run.at("/params/table").asText()).isEqualTo("t");
        assertThat(run.at("/steps/0/results/0/rowsWritten").asInt()).isEqualTo(100);
        assertThat(call("GET", "/metrics", null).body())
                .contains("watchkeeper_run_total{runbook=\"work\",state=\"succeeded\"} 1.0")
                .contains(
                        "watchkeeper_table_rows_total{operation=\"copyTable\",database=\"ship\",table=\"public.t\"} 100.0");
        assertThat(call("GET", "/", null).body()).contains("All well.");
    }

    @Test
    void cancellingStopsTheStatementOnTheServer() throws Exception {
        load(step("wait", context -> {
            try (Session session = context.database("shore").open(context.work())) {
                session.query("select pg_sleep(60)");
            }
        }));
        String id = json(call("POST", "/v1/runbooks/work/runs", "{\"params\": {\"table\": \"t\"}}"))
                .at("/runId")
                .asText();
        await().until(() -> sleeping() == 1);
        assertThat(call("GET", "/metrics", null).body())
                .contains("hikaricp_active_connections{pool=\"shore\"} 1.0")
                .contains("hikaricp_max_connections{pool=\"shore\"} " + database.maxConnections() + ".0");
        assertThat(call("DELETE", "/v1/runs/" + id, null).statusCode()).isEqualTo(202);
        await().untilAsserted(() -> assertThat(
                        json(call("GET", "/v1/runs/" + id, null)).at("/state").asText())
                .isEqualTo("cancelled"));
        assertThat(sleeping()).isZero();
        assertProblem(call("DELETE", "/v1/runs/" + id, null), 409);
    }

    @Test
    void aFailureNeedsSomebodyUntilItIsMadeUpFor() throws Exception {
        load(step("break", context -> {
            throw new OperatorException("the disk of ship is full", "Make room: df -h.");
        }));
        String id = json(call("POST", "/v1/runbooks/work/runs", "{\"params\": {\"table\": \"t\"}}"))
                .at("/runId")
                .asText();
        await().untilAsserted(() -> assertThat(json(call("GET", "/v1/status", null))
                        .at("/attention/0/runId")
                        .asText())
                .isEqualTo(id));
        assertThat(call("GET", "/", null).body())
                .contains("1 thing needs you.", "the disk of ship is full", "Make room: df -h.");
        assertProblem(call("GET", "/v1/runs/" + id.substring(0, 3), null), 404);
        assertThat(call("GET", "/v1/runs/" + id.substring(0, 20), null).statusCode())
                .isEqualTo(200);
        load(step("work", context -> {}));
        call("POST", "/v1/runbooks/work/runs", "{\"params\": {\"table\": \"t\"}}");
        await().untilAsserted(() -> assertThat(call("GET", "/", null).body()).contains("All well."));
    }

    @Test
    void aPrefixOfSeveralIdsStopsNoneOfTheirRuns() throws Exception {
        load(step("work", context -> {}));
        String ended = start();
        await().untilAsserted(() -> assertThat(json(call("GET", "/v1/runs/" + ended, null))
                        .at("/state")
                        .asText())
                .isEqualTo("succeeded"));
        load(step(
                "wait", context -> assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue()));
        String running = start();
        String both = running.substring(0, 4);
        assertThat(ended).startsWith(both);
        assertProblem(call("DELETE", "/v1/runs/" + both, null), 400);
        assertProblem(call("GET", "/v1/runs/" + both, null), 400);
        assertThat(json(call("GET", "/v1/runs/" + running, null)).at("/state").asText())
                .isEqualTo("running");
        String own = running.substring(0, 25);
        assertThat(call("DELETE", "/v1/runs/" + own, null).statusCode()).isEqualTo(202);
        await().untilAsserted(() -> assertThat(json(call("GET", "/v1/runs/" + running, null))
                        .at("/state")
                        .asText())
                .isEqualTo("cancelled"));
    }

    private String start() throws Exception {
        return json(call("POST", "/v1/runbooks/work/runs", "{\"params\": {\"table\": \"t\"}}"))
                .at("/runId")
                .asText();
    }

    private long sleeping() throws Exception {
        try (Connection connection = TestServers.connect(database);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select count(*) from pg_stat_activity where state = 'active'"
                        + " and datname = current_database() and pid <> pg_backend_pid()")) {
            found.next();
            return found.getLong(1);
        }
    }

    private void load(Step step) {
        TreeMap<String, Runbook> runbooks = new TreeMap<>();
        runbooks.put(
                "work",
                new Runbook(
                        "work",
                        "Does something",
                        "",
                        Set.of(),
                        null,
                        Policy.DEFAULT,
                        List.of(),
                        List.of(new Parameter("table", null)),
                        List.of(step),
                        null,
                        null,
                        new SourceLocation("work.groovy", 1),
                        "f"));
        registry.swap(new RunbookRegistry.Contents(runbooks, List.of()));
    }

    private static Step step(String name, StepBody body) {
        return new Step(name, new SourceLocation("work.groovy", 2), body);
    }

    private HttpResponse<String> call(String method, String path, @Nullable String body) throws Exception {
        return client.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path))
                .header("Authorization", "Bearer " + TOKEN.reveal());
        if (body == null) {
            return request.method(method, HttpRequest.BodyPublishers.noBody()).build();
        }
        return request.header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static final class NothingScheduled implements Timetable {
        @Override
        public List<Instant> nextFireTimes(String runbook, int count) {
            return List.of();
        }

        @Override
        public boolean isPaused(String runbook) {
            return false;
        }

        @Override
        public void setPaused(String runbook, boolean paused) {}
    }

    private static final class AlwaysReady implements Readiness {
        @Override
        public List<String> reasons() {
            return List.of();
        }

        @Override
        public List<String> warnings() {
            return List.of();
        }
    }
}
