package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunState;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /v1/meta/pitr}: what is accepted, and what is refused in the answer itself. */
class PitrRoutesTest {

    private static final String PATH = "/v1/meta/pitr";

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    void beginsADrill() throws Exception {
        HttpResponse<String> answer = agent.change("POST", PATH, "{\"timestamp\": \"2026-11-21T02:30:00Z\"}");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(json(answer).at("/runId").asText()).isNotEmpty();
        assertThat(agent.drills).containsExactly("null 2026-11-21T02:30:00Z null");
        assertThat(agent.started)
                .singleElement()
                .satisfies(request -> assertThat(request.runbook().name()).isEqualTo("drill"));
        assertThat(agent.change("POST", PATH, "{\"lsn\": \"0/3000000\", \"database\": \"shore\"}")
                        .statusCode())
                .isEqualTo(202);
        assertThat(agent.drills).last().isEqualTo("shore null 0/3000000");
    }

    @Test
    void needsTheToken() {
        assertThat(agent.call("POST", PATH, "{\"lsn\": \"0/1\"}").statusCode()).isEqualTo(401);
        assertThat(agent.started).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                  | neither 'timestamp' nor 'lsn'
            {"timestamp": "2026-11-21T02:30:00Z", "lsn": "0/1"} | both 'timestamp' and 'lsn'
            {"timestmap": "2026-11-21T02:30:00Z"}               | unknown field 'timestmap'
            {"timestamp": 5}                                    | 'timestamp' is number
            {"lsn": ""}                                         | 'lsn' is a text, not a filled
            {"lsn": null}                                       | 'lsn' is null
            []                                                  | the body is a list
            {                                                   | the body is not JSON
            """)
    void refusesBodiesItWouldMisunderstand(String body, String detail) throws Exception {
        HttpResponse<String> answer = agent.change("POST", PATH, body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).contains("application/problem+json");
        assertThat(json(answer).at("/detail").asText()).contains(detail);
        assertThat(agent.started).isEmpty();
    }

    @Test
    void saysWhatCannotBeMeant() throws Exception {
        agent.drillRefusal = new OperatorException("'tomorrow' is not a time", "write it as …");

        HttpResponse<String> answer = agent.change("POST", PATH, "{\"timestamp\": \"tomorrow\"}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(json(answer).at("/hint").asText()).startsWith("write it as");
    }

    @Test
    void refusesASecondWhileOneRuns() throws Exception {
        agent.past(AgentStandIn.run(AgentStandIn.id(1), "drill", RunState.RUNNING));

        HttpResponse<String> answer = agent.change("POST", PATH, "{\"lsn\": \"0/3000000\"}");

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).at("/detail").asText()).contains(AgentStandIn.id(1));
    }
}
