package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.checklist.ItemState;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.runbook.Checklist;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChecklistRoutesTest {

    private static final String RUN = "01JD8000000000000000000001";

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void newestReportsAreListedInShort() throws Exception {
        agent.checklists.add(report());
        assertThat(json(agent.get("/v1/checklists")).get(0).path("verdict").asText())
                .isEqualTo("2 things need you now.");
        assertThat(json(agent.get("/v1/checklists?checklist=weekly"))).isEmpty();
        assertThat(agent.get("/v1/checklists?checklist=yearly").statusCode()).isEqualTo(400);
    }

    @Test
    void pageSaysItInTheReadersLanguageAndLeadsToTheReport() throws Exception {
        assertThat(agent.get("/").body()).contains("No checklist has been gone through");
        agent.checklists.add(report());
        assertThat(agent.get("/").body())
                .contains("2 things need you now.", "href=\"/v1/runs/" + RUN + "/report\"", "needs you");
        assertThat(agent.get("/", "Accept-Language", "ko").body()).contains("지금 처리할 일이 2건 있습니다.");
    }

    private static KeptReport report() {
        return new KeptReport(
                RUN,
                "checklist-daily",
                Checklist.DAILY,
                NOW.minus(Duration.ofHours(2)),
                ItemState.FAIL,
                Map.of("en", "2 things need you now.", "ko", "지금 처리할 일이 2건 있습니다."),
                12,
                2,
                0);
    }
}
