package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.run;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.units.Secret;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunbookRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @BeforeEach
    void loadOne() {
        agent.load(runbook("ship-sync", new Parameter("since", "1 day"), new Parameter("table", null)));
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void listsRunbooksWithScheduleAndLastRun() throws Exception {
        agent.past(run(id(1), "ship-sync", RunState.FAILED));
        JsonNode runbook = json(agent.get("/v1/runbooks")).get(0);
        assertThat(runbook.at("/name").asText()).isEqualTo("ship-sync");
        assertThat(runbook.at("/scheduleText").asText()).isEqualTo("every 15 min, Asia/Seoul");
        assertThat(runbook.at("/nextFireTimes/0").asText()).isEqualTo("2026-11-21T03:15:00Z");
        assertThat(runbook.at("/lastRun/state").asText()).isEqualTo("failed");
        assertThat(runbook.at("/paused").asBoolean()).isFalse();
        assertThat(runbook.at("/file").asText()).endsWith("ship-sync.groovy");
    }

    @Test
    void whoAsksWhileTheRunbooksAreBeingLoadedIsToldToTryAgain() {
        RunbookRegistry empty = new RunbookRegistry();

        assertThatThrownBy(() -> RunbookRoutes.find(empty, "a"))
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.status()).isEqualTo(503);
                    assertThat(e.headers()).containsEntry("Retry-After", "1");
                })
                .hasMessageContaining("still loading the runbooks");

        empty.swap(new RunbookRegistry.Contents(new TreeMap<>(), List.of()));
        assertThatThrownBy(() -> RunbookRoutes.find(empty, "a"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.status()).isEqualTo(404));
    }

    @Test
    void saysWhatIsWrongInAnyScript() throws Exception {
        assertThat(json(agent.get("/v1/runbooks/%EC%84%A0%EB%B0%95"))
                        .at("/detail")
                        .asText())
                .isEqualTo("there is no runbook '선박'");
    }

    @Test
    void showsParametersPolicyAndSteps() throws Exception {
        JsonNode runbook = json(agent.get("/v1/runbooks/ship-sync"));
        assertThat(runbook.at("/params/0/default").asText()).isEqualTo("1 day");
        assertThat(runbook.at("/params/1/required").asBoolean()).isTrue();
        assertThat(runbook.at("/policy/timeout").asText()).isEqualTo("1 h");
        assertThat(runbook.at("/steps/0/name").asText()).isEqualTo("merge what changed");
    }

    @Test
    void showsTheSourceWithoutItsSecrets(@TempDir Path folder) throws Exception {
        Secret password = Secret.of("hunter2-hunter2");
        Path file = folder.resolve("a.groovy");
        Files.writeString(file, "runbook('a') { log '" + password.reveal() + "' }");
        agent.load(runbook("a", file.toString()));
        assertThat(json(agent.get("/v1/runbooks/a")).at("/source").asText())
                .isEqualTo("runbook('a') { log '[redacted]' }");
    }

    @Test
    void startsARunWithParameters() throws Exception {
        HttpResponse<String> answer = agent.change(
                "POST",
                "/v1/runbooks/ship-sync/runs",
                "{\"params\": {\"table\": \"docs\", \"since\": 7}, \"dryRun\": true}");
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(json(answer).at("/runId").asText()).isEqualTo(id(1));
        assertThat(answer.headers().firstValue("Location")).contains("/v1/runs/" + id(1));
        assertThat(agent.started).singleElement().satisfies(request -> {
            assertThat(request.params()).isEqualTo(Map.of("table", "docs", "since", "7"));
            assertThat(request.dryRun()).isTrue();
            assertThat(request.trigger()).isEqualTo(RunTrigger.HTTP);
        });
    }

    @Test
    void startsARunWithoutABody() {
        agent.load(runbook("plain"));
        assertThat(agent.change("POST", "/v1/runbooks/plain/runs", null).statusCode())
                .isEqualTo(202);
        assertThat(agent.started)
                .singleElement()
                .satisfies(request -> assertThat(request.dryRun()).isFalse());
    }

    @Test
    void asksWhetherAnotherRunbookWasMeant() throws Exception {
        HttpResponse<String> answer = agent.change("POST", "/v1/runbooks/ship-snyc/runs", null);
        assertProblem(answer, 404);
        assertThat(json(answer).at("/detail").asText()).contains("'ship-snyc'").contains("did you mean 'ship-sync'?");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"parms": {}}                      | unknown field 'parms'       | did you mean 'params'?
            {"params": {"tabel": "x"}}         | no parameter 'tabel'        | did you mean 'table'?
            {"params": {"since": "1 day"}}     | needs a value for its parameter 'table' | "table"
            {"params": []}                     | 'params' is a list          | {"params"
            {"params": {"table": {"a": 1}}}    | 'table' is an object        | Give a text
            {"params": {"table": null}}        | 'table' is null             | Give a text
            {"dryRun": "yes"}                  | 'dryRun' is a text          | true or false
            []                                 | the body is a list          | object with dryRun, params
            """)
    void refusesBodiesItWouldMisunderstand(String body, String detail, String hint) throws Exception {
        HttpResponse<String> answer = agent.change("POST", "/v1/runbooks/ship-sync/runs", body);
        assertProblem(answer, 400);
        assertThat(json(answer).at("/detail").asText()).contains(detail);
        assertThat(json(answer).at("/hint").asText()).contains(hint);
        assertThat(agent.started).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"params":                          | line 1, column
            {"dryRun": true, "dryRun": false}   | Duplicate field
            {"dryRun": true} {"dryRun": false}  | something follows
            """)
    void saysWhereABodyIsNotJson(String body, String detail) throws Exception {
        HttpResponse<String> answer = agent.change("POST", "/v1/runbooks/ship-sync/runs", body);
        assertProblem(answer, 400);
        assertThat(json(answer).at("/detail").asText()).contains(detail);
    }

    @Test
    void refusesBodiesNestedTooDeep() {
        String body = "{\"params\":" + "[".repeat(50) + "]".repeat(50) + "}";
        assertProblem(agent.change("POST", "/v1/runbooks/ship-sync/runs", body), 400);
    }

    @Test
    void refusesBodiesLargerThanTheCap() {
        String body = "{\"params\": {\"table\": \"" + "x".repeat(5_000) + "\"}}";
        assertProblem(agent.change("POST", "/v1/runbooks/ship-sync/runs", body), 413);
    }

    @Test
    void refusesLargeBodiesThatDoNotSayTheirLength() {
        byte[] body = ("{\"params\": {\"table\": \"" + "x".repeat(5_000) + "\"}}")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(agent.uri("/v1/runbooks/ship-sync/runs"))
                .header("Authorization", "Bearer " + AgentStandIn.TOKEN.reveal())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)))
                .build();
        assertProblem(agent.send(request), 413);
    }

    @Test
    void refusesOtherContentTypes() {
        HttpResponse<String> answer = agent.call(
                "POST",
                "/v1/runbooks/ship-sync/runs",
                "dryRun=true",
                "Authorization",
                "Bearer " + AgentStandIn.TOKEN.reveal(),
                "Content-Type",
                "text/xml");
        assertProblem(answer, 415);
    }

    @Test
    void takesJsonThatACommandLineClientCallsAForm() {
        agent.load(runbook("plain"));
        HttpResponse<String> answer = agent.call(
                "POST",
                "/v1/runbooks/plain/runs",
                "{\"dryRun\": true}",
                "Authorization",
                "Bearer " + AgentStandIn.TOKEN.reveal(),
                "Content-Type",
                "application/x-www-form-urlencoded");
        assertThat(answer.statusCode()).isEqualTo(202);
    }

    @Test
    void passesOnWhyARunWasRefused() throws Exception {
        agent.load(runbook("plain"));
        agent.refusal = new OperatorException("the agent is stopping", "Try again when it is back.");
        HttpResponse<String> answer = agent.change("POST", "/v1/runbooks/plain/runs", null);
        assertProblem(answer, 503);
        assertThat(json(answer).at("/detail").asText()).isEqualTo("the agent is stopping");
    }

    @Test
    void pausesAndResumes() throws Exception {
        assertThat(json(agent.change("PUT", "/v1/runbooks/ship-sync/paused", "{\"paused\": true}"))
                        .at("/paused")
                        .asBoolean())
                .isTrue();
        assertThat(agent.paused).containsExactly("ship-sync");
        assertThat(json(agent.get("/v1/runbooks/ship-sync")).at("/paused").asBoolean())
                .isTrue();
        assertThat(agent.change("PUT", "/v1/runbooks/ship-sync/paused", "false").statusCode())
                .isEqualTo(200);
        assertThat(agent.paused).isEmpty();
    }

    @Test
    void refusesToPauseWithoutSayingSo() {
        assertProblem(agent.change("PUT", "/v1/runbooks/ship-sync/paused", null), 400);
        assertProblem(agent.change("PUT", "/v1/runbooks/ship-sync/paused", "{}"), 400);
        assertProblem(agent.change("PUT", "/v1/runbooks/nothing/paused", "true"), 404);
    }

    static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    static void assertProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body())
                .contains("\"title\":", "\"status\":" + status, "\"detail\":")
                .doesNotContain("\tat ");
    }
}
