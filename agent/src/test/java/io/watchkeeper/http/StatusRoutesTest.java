package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.RunState;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void isLiveBeforeItIsReady() throws Exception {
        agent.notReadyBecause.add("still loading runbooks");
        assertThat(agent.get("/health").statusCode()).isEqualTo(200);
        assertThat(agent.get("/health/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = agent.get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(json(ready).at("/reasons/0").asText()).isEqualTo("still loading runbooks");
        agent.notReadyBecause.clear();
        assertThat(agent.get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void isReadyWithWarnings() throws Exception {
        agent.warnings.add("database ship is out of reach");
        HttpResponse<String> ready = agent.get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(json(ready).at("/warnings/0").asText()).isEqualTo("database ship is out of reach");
    }

    @Test
    void saysHowTheAgentIs() throws Exception {
        agent.load(List.of(new Problem("b.groovy", 7, 14, "unknown option 'corn'", null)), runbook("a"));
        agent.begin(id(1), "a");
        agent.paused.add("a");
        JsonNode status = json(agent.get("/v1/status"));
        assertThat(status.at("/host").asText()).isEqualTo("shore-1");
        assertThat(status.at("/uptimeSeconds").asInt()).isEqualTo(5 * 3_600);
        assertThat(status.at("/runbooks").asInt()).isEqualTo(1);
        assertThat(status.at("/problems").asInt()).isEqualTo(1);
        assertThat(status.at("/running/0/runId").asText()).isEqualTo(id(1));
        assertThat(status.at("/paused/0").asText()).isEqualTo("a");
    }

    @Test
    void listsLoadProblemsWithPlaceAndHint() throws Exception {
        agent.load(List.of(new Problem("b.groovy", 7, 14, "unknown option 'corn'", "did you mean 'cron'?")));
        JsonNode problem = json(agent.get("/v1/problems")).get(0);
        assertThat(problem.at("/file").asText()).isEqualTo("b.groovy");
        assertThat(problem.at("/line").asInt()).isEqualTo(7);
        assertThat(problem.at("/column").asInt()).isEqualTo(14);
        assertThat(problem.at("/hint").asText()).isEqualTo("did you mean 'cron'?");
    }

    @Test
    void servesMetricsInBothFormats() {
        agent.load(runbook("a"));
        agent.finish(id(1), "a", RunState.FAILED);
        HttpResponse<String> text = agent.get("/metrics");
        assertThat(text.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain; version=0.0.4");
        assertThat(text.body()).contains("watchkeeper_run_total{runbook=\"a\",state=\"failed\"} 1.0");
        HttpResponse<String> open = agent.get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
        assertThat(open.headers().firstValue("Content-Type").orElse("")).startsWith("application/openmetrics-text");
        assertThat(open.body()).endsWith("# EOF\n");
    }

    @Test
    void answersUnknownPathsAndMethodsWithProblems() {
        assertProblem(agent.get("/v1/nothing"), 404);
        HttpResponse<String> wrongMethod = agent.change("DELETE", "/v1/runbooks", null);
        assertProblem(wrongMethod, 405);
        assertThat(wrongMethod.headers().firstValue("Allow").orElse("")).contains("GET");
        assertProblem(agent.get("/v1/status?verbose=1"), 400);
    }

    @Test
    void answersMalformedAddressesWithProblems() throws Exception {
        for (String path : new String[] {"/v1/%zz", "/v1/runs?state=%zz", "/runs?state=%zz"}) {
            assertThat(agent.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 400")
                    .contains("application/problem+json")
                    .doesNotContain("jetty");
        }
    }

    @Test
    void saysWhoMayHaveTheAddressItWants() {
        AgentConfig.Http same =
                new AgentConfig.Http(new InetSocketAddress("127.0.0.1", agent.server.port()), null, null, false, 1_024);
        assertThatThrownBy(() -> AgentStandIn.start(same))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("127.0.0.1:" + agent.server.port());
    }
}
