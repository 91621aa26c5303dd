package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /v1/meta/tenant}: what is accepted, and what is refused in the answer itself. */
class TenantRoutesTest {

    private static final String PATH = "/v1/meta/tenant";
    private static final String ACME = "{\"id\": \"acme\", \"region\": \"kr\", \"plan\": \"small\"}";

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    void beginsToMakeATenant() throws Exception {
        HttpResponse<String> answer = agent.change("POST", PATH, ACME);

        assertThat(answer.statusCode()).isEqualTo(202);
        String run = json(answer).at("/runId").asText();
        assertThat(answer.headers().firstValue("Location")).contains("/v1/runs/" + run);
        assertThat(agent.tenants).containsExactly(new TenantMaker.Wish("acme", "kr", "small", null));
        assertThat(agent.started)
                .singleElement()
                .satisfies(request -> assertThat(request.by().name()).startsWith("token"));
    }

    @Test
    void takesTheKeyFromTheBody() {
        agent.change("POST", PATH, ACME.replace("}", ", \"idempotencyKey\": \"01JD8\"}"));

        assertThat(agent.tenants).containsExactly(new TenantMaker.Wish("acme", "kr", "small", "01JD8"));
    }

    @Test
    void needsTheToken() {
        assertThat(agent.call("POST", PATH, ACME).statusCode()).isEqualTo(401);
        assertThat(agent.tenants).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                       | 'id' is missing
            {"id": "a", "region": "kr"}                              | 'plan' is missing
            {"id": 5, "region": "kr", "plan": "p"}                   | 'id' is number
            {"id": "a", "region": ["kr"], "plan": "p"}               | 'region' is a list
            {"id": "a", "region": "kr", "plan": null}                | 'plan' is null
            {"id": "", "region": "kr", "plan": "p"}                  | 'id' is a text, not a filled
            {"id": "a", "region": "kr", "plan": "p", "status": "x"}  | unknown field 'status'
            {"id": "a", "id": "b", "region": "kr", "plan": "p"}      | the body is not JSON
            []                                                       | the body is a list
            {                                                        | the body is not JSON
            """)
    void refusesBodiesItWouldMisunderstand(String body, String detail) throws Exception {
        HttpResponse<String> answer = agent.change("POST", PATH, body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).contains("application/problem+json");
        assertThat(json(answer).at("/detail").asText()).contains(detail);
        assertThat(agent.tenants).isEmpty();
    }

    @Test
    void answersADuplicateAtOnce() throws Exception {
        agent.tenantRefusal = new TenantMaker.Refused(409, "there is a tenant 'acme' already", "choose another id.");

        HttpResponse<String> answer = agent.change("POST", PATH, ACME);

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).at("/detail").asText()).isEqualTo("there is a tenant 'acme' already");
        assertThat(agent.started).isEmpty();
    }
}
