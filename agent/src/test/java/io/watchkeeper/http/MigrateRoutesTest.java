package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.approval.Approval;
import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunState;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /v1/meta/migrate} and approvals: what is accepted, and what is refused in the answer itself. */
class MigrateRoutesTest {

    private static final String PATH = "/v1/meta/migrate";
    private static final String USERS = "{\"rev\": \"users\"}";

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    void beginsAMigrationThatNobodyHasToApprove() throws Exception {
        HttpResponse<String> answer = agent.change("POST", PATH, USERS);

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(json(answer).at("/runId").asText()).isNotEmpty();
        assertThat(agent.migrations).containsExactly("users");
        assertThat(agent.started).singleElement().satisfies(request -> {
            assertThat(request.runbook().name()).isEqualTo("migrate");
            assertThat(request.dryRun()).isFalse();
        });
        assertThat(agent.change("POST", PATH, "{\"rev\": \"users\", \"revert\": true}")
                        .statusCode())
                .isEqualTo(202);
        assertThat(agent.migrations).last().isEqualTo("users back");
    }

    @Test
    void needsTheToken() {
        assertThat(agent.call("POST", PATH, USERS).statusCode()).isEqualTo(401);
        assertThat(agent.call("POST", "/v1/runs/" + AgentStandIn.id(1) + "/approvals", null)
                        .statusCode())
                .isEqualTo(401);
        assertThat(agent.started).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                  | 'rev' is missing
            {"rev": ""}                         | 'rev' is a text, not a filled
            {"rev": 5}                          | 'rev' is number
            {"rev": null}                       | 'rev' is null
            {"rev": "users", "revert": "yes"}   | 'revert' is a text
            {"ref": "users"}                    | unknown field 'ref'
            []                                  | the body is a list
            {                                   | the body is not JSON
            """)
    void refusesBodiesItWouldMisunderstand(String body, String detail) throws Exception {
        HttpResponse<String> answer = agent.change("POST", PATH, body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).at("/detail").asText()).contains(detail);
        assertThat(agent.started).isEmpty();
    }

    @Test
    void saysAtOnceWhatCannotBe() throws Exception {
        agent.migrationRefusal = new MigrationMaker.UnknownRevision("no 'user'", "did you mean 'users'?");
        assertThat(agent.change("POST", PATH, USERS).statusCode()).isEqualTo(400);
        agent.migrationRefusal = new MigrationMaker.Busy("runs already", null);
        assertThat(agent.change("POST", PATH, USERS).statusCode()).isEqualTo(409);
        agent.migrationRefusal = new OperatorException("database 'shore' is a standby", "migrate its primary");
        HttpResponse<String> refused = agent.change("POST", PATH, USERS);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(json(refused).at("/hint").asText()).isEqualTo("migrate its primary");
        assertThat(agent.started).isEmpty();
    }

    @Test
    void refusesASecondWhileOneRuns() throws Exception {
        agent.past(AgentStandIn.run(AgentStandIn.id(1), "migrate", RunState.RUNNING));

        HttpResponse<String> answer = agent.change("POST", PATH, USERS);

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).at("/detail").asText()).contains(AgentStandIn.id(1));
    }

    @Test
    void showsThePlanToThoseWhoHaveToAgreeAndThenAcceptsTheSameCall() throws Exception {
        agent.approvers = 2;

        HttpResponse<String> waits = agent.change("POST", PATH, USERS);

        assertThat(waits.statusCode()).isEqualTo(409);
        assertThat(waits.headers().firstValue("Content-Type").orElse("")).contains("application/problem+json");
        String runId = json(waits).at("/runId").asText();
        assertThat(json(waits).at("/digest").asText()).isEqualTo("digest of users");
        assertThat(json(waits).at("/needed").asInt()).isEqualTo(2);
        assertThat(json(waits).at("/approvals")).isEmpty();
        assertThat(agent.started).extracting(RunRequest::dryRun).containsExactly(true);

        agent.approvals.given.add(new Approval("digest of users", "token:first", AgentStandIn.NOW));
        HttpResponse<String> waitsStill = agent.change("POST", PATH, USERS);
        assertThat(waitsStill.statusCode()).isEqualTo(409);
        assertThat(json(waitsStill).at("/runId").asText()).isEqualTo(runId);
        assertThat(json(waitsStill).at("/approvals")).hasSize(1);
        assertThat(agent.started).hasSize(1);

        agent.approvals.given.add(new Approval("digest of users", "token:second", AgentStandIn.NOW));
        assertThat(agent.change("POST", PATH, USERS).statusCode()).isEqualTo(202);
        assertThat(agent.started).extracting(RunRequest::dryRun).containsExactly(true, false);
        assertThat(agent.change("POST", PATH, "{\"rev\": \"other\"}").statusCode())
                .as("another plan")
                .isEqualTo(409);
    }

    @Test
    void asksNobodyToAgreeToAPlanThatCouldNotBeShown() throws Exception {
        agent.approvers = 2;
        agent.dryRunsEnd = RunState.FAILED;

        HttpResponse<String> answer = agent.change("POST", PATH, USERS);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(json(answer).at("/detail").asText()).contains(AgentStandIn.id(1), "failed");
        assertThat(agent.approvals.asked).isEmpty();

        agent.dryRunsEnd = RunState.SUCCEEDED;
        HttpResponse<String> waits = agent.change("POST", PATH, USERS);
        assertThat(waits.statusCode()).isEqualTo(409);
        assertThat(json(waits).at("/runId").asText()).isEqualTo(AgentStandIn.id(2));
        assertThat(agent.approvals.asked).containsOnlyKeys(AgentStandIn.id(2));
    }

    @Test
    void showsAPlanAgainOnceTheHistoryHasForgottenIt() throws Exception {
        agent.approvers = 2;
        String runId = json(agent.change("POST", PATH, USERS)).at("/runId").asText();
        agent.runs.remove(runId);

        String shownAgain = json(agent.change("POST", PATH, USERS)).at("/runId").asText();

        assertThat(shownAgain).isNotEqualTo(runId);
        assertThat(agent.get("/v1/runs/" + shownAgain).statusCode()).isEqualTo(200);
        assertThat(agent.approvals.asked).containsKey(shownAgain);
    }

    @Test
    void whoAsksForItCannotAgreeToIt() throws Exception {
        agent.approvers = 2;
        String runId = json(agent.change("POST", PATH, USERS)).at("/runId").asText();

        HttpResponse<String> own = agent.change("POST", "/v1/runs/" + runId + "/approvals", null);

        assertThat(own.statusCode()).isEqualTo(403);
        assertThat(json(own).at("/detail").asText()).contains("has asked for this itself");
        assertThat(agent.approvals.given).isEmpty();
    }

    @Test
    void aTokenAgreesOnceAndNotToWhatItThenAsksFor() throws Exception {
        agent.approvers = 2;
        String runId = AgentStandIn.id(7);
        agent.past(AgentStandIn.by(
                AgentStandIn.run(runId, "migrate", RunState.SUCCEEDED), new Requester("token:other", "127.0.0.1")));
        agent.approvals.ask(new ApprovalRequest(runId, "migrate", "digest of users", 2, AgentStandIn.NOW));
        String path = "/v1/runs/" + runId + "/approvals";

        HttpResponse<String> first = agent.change("POST", path, null);
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(json(first).at("/approvals")).hasSize(1);
        assertThat(agent.change("POST", path, null).statusCode())
                .as("the same token a second time")
                .isEqualTo(409);

        agent.approvals.given.add(new Approval("digest of users", "token:second", AgentStandIn.NOW));
        HttpResponse<String> asked = agent.change("POST", PATH, USERS);
        assertThat(asked.statusCode()).as("of the two, one asks now").isEqualTo(409);
        assertThat(json(asked).at("/approvals")).hasSize(1);
        assertThat(agent.started).extracting(RunRequest::dryRun).containsExactly(true);
    }

    @Test
    void approvesOnlyARunThatWaitsForIt() {
        agent.past(AgentStandIn.run(AgentStandIn.id(7), "backup", RunState.SUCCEEDED));

        assertThat(agent.change("POST", "/v1/runs/" + AgentStandIn.id(7) + "/approvals", null)
                        .statusCode())
                .isEqualTo(409);
        assertThat(agent.change("POST", "/v1/runs/" + AgentStandIn.id(8) + "/approvals", null)
                        .statusCode())
                .isEqualTo(404);
        assertThat(agent.change("POST", "/v1/runs/" + AgentStandIn.id(7) + "/approvals", "{\"approver\": \"me\"}")
                        .statusCode())
                .isEqualTo(400);
    }
}
