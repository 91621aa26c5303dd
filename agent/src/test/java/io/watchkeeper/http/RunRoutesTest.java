package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.line;
import static io.watchkeeper.http.AgentStandIn.run;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.units.Secret;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void listsRunsNewestFirstWithoutSteps() throws Exception {
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        agent.past(run(id(2), "b", RunState.RUNNING));
        JsonNode runs = json(agent.get("/v1/runs"));
        assertThat(runs.findValuesAsText("runId")).containsExactly(id(2), id(1));
        assertThat(runs.get(0).has("steps")).isFalse();
    }

    @Test
    void filtersAndPages() throws Exception {
        for (int i = 1; i <= 6; i++) {
            agent.past(run(id(i), i % 2 == 0 ? "even" : "odd", i < 5 ? RunState.SUCCEEDED : RunState.FAILED));
        }
        assertThat(json(agent.get("/v1/runs?runbook=even&state=succeeded")).findValuesAsText("runId"))
                .containsExactly(id(4), id(2));
        assertThat(json(agent.get("/v1/runs?limit=2&before=" + id(4))).findValuesAsText("runId"))
                .containsExactly(id(3), id(2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state=faild",
                "stat=failed",
                "limit=0",
                "limit=501",
                "limit=many",
                "before=yesterday",
                "state=failed&state=skipped"
            })
    void refusesQueriesItWouldMisunderstand(String query) {
        assertProblem(agent.get("/v1/runs?" + query), 400);
    }

    @Test
    void suggestsTheStateThatWasMeant() throws Exception {
        assertThat(json(agent.get("/v1/runs?state=faild")).at("/hint").asText()).startsWith("did you mean 'failed'?");
    }

    @Test
    void showsOneRunByIdOrPrefix() throws Exception {
        agent.past(run(id(7), "a", RunState.SUCCEEDED));
        assertThat(json(agent.get("/v1/runs/" + id(7))).has("steps")).isTrue();
        assertThat(json(agent.get("/v1/runs/01jd8")).at("/runId").asText()).isEqualTo(id(7));
        assertProblem(agent.get("/v1/runs/" + id(8)), 404);
        assertProblem(agent.get("/v1/runs/01J"), 404);
    }

    @Test
    void showsHowFarARunningRunHasGot() throws Exception {
        agent.begin(id(1), "a");
        agent.live.progressed(id(1), 0, new Progress("public.chunks", "load", 640, 1_000, 4_096));
        JsonNode run = json(agent.get("/v1/runs/" + id(1)));
        assertThat(run.at("/state").asText()).isEqualTo("running");
        assertThat(run.at("/progress/0/percent").asInt()).isEqualTo(64);
    }

    @Test
    void givesTheLogAsTextOrJson() throws Exception {
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        agent.logs.put(id(1), List.of(line("12 rows"), line("done")));
        assertThat(agent.get("/v1/runs/" + id(1) + "/log").body())
                .isEqualTo("2026-11-21T03:00:00Z INFO 12 rows\n2026-11-21T03:00:00Z INFO done\n");
        JsonNode lines = json(agent.get("/v1/runs/" + id(1) + "/log", "Accept", "application/json"));
        assertThat(lines.get(1).at("/message").asText()).isEqualTo("done");
        assertThat(lines.get(1).at("/level").asText()).isEqualTo("info");
    }

    @Test
    void givesTheLogOfARunningRunAsItComes() {
        agent.begin(id(1), "a");
        agent.live.logged(id(1), line("half way"));
        assertThat(agent.get("/v1/runs/" + id(1) + "/log").body()).contains("half way");
    }

    @Test
    void neverShowsSecrets() {
        Secret secret = Secret.of("pass\"word\\1");
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        agent.logs.put(id(1), List.of(line("connecting with pass\"word\\1")));
        assertThat(agent.get("/v1/runs/" + id(1) + "/log").body()).contains("connecting with [redacted]");
        assertThat(agent.get("/v1/runs/" + id(1) + "/log", "Accept", "application/json")
                        .body())
                .contains("connecting with [redacted]")
                .doesNotContain("word");
        assertThat(secret.toString()).isEqualTo(Secret.REDACTED);
    }

    @Test
    void cancelsARunningRun() {
        agent.begin(id(1), "a");
        assertThat(agent.change("DELETE", "/v1/runs/" + id(1), null).statusCode())
                .isEqualTo(202);
        assertThat(agent.cancelled).containsExactly(id(1));
        assertThat(agent.audited)
                .filteredOn(event -> event.action().equals("run.cancelled"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.actor()).isEqualTo("token");
                    assertThat(event.from()).isEqualTo("127.0.0.1");
                    assertThat(event.subject()).isEqualTo(id(1));
                    assertThat(event.details()).containsEntry("runbook", "a").containsKey("requestId");
                });
    }

    @Test
    void cannotCancelWhatHasEnded() {
        agent.past(run(id(1), "a", RunState.SUCCEEDED));
        assertProblem(agent.change("DELETE", "/v1/runs/" + id(1), null), 409);
        assertProblem(agent.change("DELETE", "/v1/runs/" + id(2), null), 404);
        assertThat(agent.cancelled).isEmpty();
        assertThat(agent.audited).noneMatch(event -> event.action().equals("run.cancelled"));
    }
}
