package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.protection.MadeUpProtection;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProtectionRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();
    private final MadeUpProtection protection = new MadeUpProtection(NOW);

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void listsBackupsNewestFirst() throws Exception {
        protection
                .heldBackup("shore", "dump", Duration.ofHours(9), "ann: audit")
                .backup("ship", "dump", Duration.ofHours(5))
                .backup("shore", "base", Duration.ofHours(3))
                .archive("shore", Duration.ofSeconds(2));
        agent.protection = protection.build();
        JsonNode document = json(agent.get("/v1/backups?database=shore"));
        assertThat(document.path("repository").asText()).isEqualTo("/var/backups/watchkeeper");
        assertThat(document.path("backups").findValuesAsText("id"))
                .containsExactly("id-shore-2-base", "id-shore-0-dump");
        assertThat(document.path("backups").path(0).path("good").asBoolean()).isTrue();
        assertThat(document.path("backups").path(0).path("finishedAt").asText()).isEqualTo("2026-11-21T00:00:00Z");
        assertThat(document.path("wal").path(0).path("recoverableTo").asText()).isEqualTo("2026-11-21T02:59:58Z");
        assertThat(json(agent.get("/v1/backups")).path("backups")).hasSize(3);
    }

    @Test
    void listsDrills() throws Exception {
        agent.protection =
                protection.drill("shore", Duration.ofHours(1), true, 0.5, 42).build();
        JsonNode drill = json(agent.get("/v1/drills")).path("drills").path(0);
        assertThat(drill.path("passed").asBoolean()).isTrue();
        assertThat(drill.path("rtoSeconds").asDouble()).isEqualTo(42);
        assertThat(drill.path("runId").asText()).isEqualTo("01JDRILL");
    }

    @Test
    void pageSaysWhatCouldBeRestored() throws Exception {
        agent.load(runbook("a"));
        protection
                .backup("shore", "base", Duration.ofHours(3))
                .archive("shore", Duration.ofSeconds(12))
                .drill("shore", Duration.ofDays(2), true, 1.5, 90);
        agent.protection = protection.build();
        String page = agent.get("/").body();
        assertThat(page)
                .contains("<h1>All well.</h1>", "Last base backup", "3 h ago", "12 s ago", "verified", "passed")
                .contains("RPO 1.5 s, RTO 1 min 30 s", "href=\"/runs/01JDRILL\"");
        assertThat(page).doesNotContain("class=\"card");
    }

    @Test
    void pageHasACardForWhatNeedsSomebody() throws Exception {
        agent.load(runbook("a"));
        protection.backup("shore", "dump", Duration.ofHours(3)).backup("shore", "dump", Duration.ofHours(1), "changed");
        agent.protection = protection.build();
        String page = agent.get("/").body();
        assertThat(page)
                .contains("1 thing needs you.", "Backups of shore are damaged: id-shore-1-dump", "1 damaged")
                .contains("watchkeeper backup base --database shore");
        JsonNode attention = json(agent.get("/v1/status")).path("attention").path(0);
        assertThat(attention.path("kind").asText()).isEqualTo("damagedBackup");
        assertThat(attention.path("message").asText()).isEqualTo("backups of shore are damaged: id-shore-1-dump");
    }

    @Test
    void aFailedDrillSaysSinceWhenWhyAndWhatToDo() {
        agent.load(runbook("a"));
        agent.protection = protection
                .backup("shore", "base", Duration.ofHours(3))
                .drill("shore", Duration.ofHours(7), false, 1.5, 90)
                .build();
        String page = agent.get("/").body();
        String card = page.substring(page.indexOf("<li class=\"card failed\">"), page.indexOf("id=\"figures\""));
        assertThat(card)
                .contains("7 h ago", "check &#39;tickets&#39; was not true", "watchkeeper drill --database shore");
    }

    @Test
    void pageSaysHowToBegin() throws Exception {
        agent.load(runbook("a"));
        assertThat(agent.get("/").body()).contains("This host keeps no backups.");
        agent.protection = protection.build();
        assertThat(agent.get("/").body())
                .contains("There is no backup in /var/backups/watchkeeper yet.")
                .contains("All well, with one warning.");
    }

    @Test
    void pageSpeaksKorean() throws Exception {
        agent.load(runbook("a"));
        agent.protection =
                protection.backup("shore", "dump", Duration.ofDays(9)).build();
        assertThat(agent.get("/", "Accept-Language", "ko").body())
                .contains("마지막 베이스 백업", "shore의 최신 정상 백업이 9 d 지났습니다.");
    }
}
