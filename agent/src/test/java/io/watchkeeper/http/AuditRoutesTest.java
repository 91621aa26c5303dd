package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.history.AuditTrail;
import io.watchkeeper.history.RunHistory;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditRoutesTest {

    private static final String SCRIPT = "<script>alert(1)</script>";

    @TempDir
    Path state;

    private final AgentStandIn agent = AgentStandIn.start();
    private RunHistory history;
    private AuditTrail trail;

    @BeforeEach
    void record() {
        history = RunHistory.open(state, Clock.fixed(NOW, ZoneOffset.UTC));
        trail = history.audit("shore-1");
        agent.audit = trail;
        agent.metrics.watchAudit(trail::state);
        agent.load(runbook("a"));
    }

    @AfterEach
    void stop() {
        agent.close();
        history.close();
    }

    @Test
    void listsEntriesNewestFirstByWhatIsAskedFor() throws Exception {
        trail.record(new AuditEvent("token:ops", "10.0.0.7", "tenant.created", "t1", "ok", Map.of("plan", "small")));
        trail.record(AuditEvent.of("token:dev", "10.0.0.8", "access.refused", "/v1/meta/tenant", "refused"));
        trail.check();

        JsonNode all = json(agent.get("/v1/audit"));
        assertThat(all.path("entries").findValuesAsText("action")).containsExactly("access.refused", "tenant.created");
        assertThat(all.path("head").asText())
                .isEqualTo("2:" + all.path("entries").path(0).path("hash").asText());
        assertThat(all.path("verifiedTo").asInt()).isEqualTo(2);
        assertThat(all.path("damage").isNull()).isTrue();
        assertThat(json(agent.get("/v1/audit?actor=token:ops&action=tenant.*&subject=t1&limit=1"))
                        .path("entries")
                        .path(0)
                        .path("details")
                        .path("plan")
                        .asText())
                .isEqualTo("small");
        assertThat(json(agent.get("/v1/audit?before=2")).path("entries")).hasSize(1);
        assertThat(json(agent.get("/v1/audit?since=2100-01-01T00:00:00Z")).path("entries"))
                .isEmpty();
        assertThat(json(agent.get("/v1/audit?actor=%27%20or%201%3D1--")).path("entries"))
                .isEmpty();
        assertThat(agent.get("/v1/audit?since=yesterday").statusCode()).isEqualTo(400);
        assertThat(agent.get("/v1/audit?actr=x").statusCode()).isEqualTo(400);
        assertThat(agent.get("/v1/audit?limit=5000").statusCode()).isEqualTo(400);
    }

    @Test
    void thePageShowsTheNewestEntriesAndNoMarkupOfTheirs() throws Exception {
        trail.record(AuditEvent.of("token:ops", "10.0.0.7", "access.refused", SCRIPT, "refused"));
        trail.check();
        String page = agent.get("/").body();
        assertThat(page).contains("Audit trail", "verified up to entry 1", "access.refused", "token:ops", "10.0.0.7");
        assertThat(page).doesNotContain(SCRIPT).contains("&lt;script&gt;");
    }

    @Test
    void damageIsSaidOnThePageAndMeasured() throws Exception {
        trail.record(AuditEvent.of("token:ops", "10.0.0.7", "run.accepted", "a", "ok"));
        assertThat(agent.get("/metrics").body())
                .contains("watchkeeper_audit_position 1.0", "watchkeeper_audit_damaged 0.0")
                .contains("watchkeeper_audit_entries_total 1.0");
        long number = Long.parseLong(
                json(agent.get("/v1/audit")).path("head").asText().substring(2, 14), 16);
        assertThat(agent.get("/metrics").body().lines())
                .anyMatch(line -> line.startsWith("watchkeeper_audit_hash ")
                        && (long) Double.parseDouble(line.substring(23)) == number);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("update audit set entry = replace(entry, 'ops', 'dev')");
        }
        trail.check();

        assertThat(agent.get("/").body()).contains("the audit trail is not as it was written: entry 1 was changed");
        assertThat(agent.get("/metrics").body()).contains("watchkeeper_audit_damaged 1.0");
        assertThat(json(agent.get("/v1/audit")).path("damage").asText()).contains("entry 1");
    }
}
