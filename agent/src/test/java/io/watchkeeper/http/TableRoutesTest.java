package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.runbook.TableState;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @BeforeEach
    void fill() {
        ShownFleet.fill(agent);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/runbooks?sort=-name, /name, wal-archive, backup-daily",
        "/sync?sort=-differences, /table, public.work_orders, ''",
        "/sync?sort=syncedAt, /table, public.noon_reports, public.documents",
        "/replicas?sort=-lagSeconds, /name, ship-9, standby",
        "/slots?sort=-retainedBytes, /slot, watchkeeper_ship-9, watchkeeper_standby",
        "/checklists?sort=status, /runbook, checklist-daily, checklist-daily",
    })
    void theSameAddressUnderV1HasTheSameRowsInTheSameOrder(String address, String field, String first, String last)
            throws Exception {
        JsonNode rows = json(agent.get("/v1" + address));
        assertThat(rows.path(0).at(field).asText()).isEqualTo(first);
        if (!last.isEmpty()) {
            assertThat(rows.path(rows.size() - 1).at(field).asText()).isEqualTo(last);
        }
        String page = agent.get(address, "Accept", "text/html").body();
        int at = page.indexOf("<tbody>");
        for (JsonNode row : rows) {
            int next = page.indexOf(row.at(field).asText(), at);
            assertThat(next).as(row.at(field).asText()).isGreaterThan(at);
            at = next;
        }
        assertThat(page).contains("href=\"/v1" + address + "\"", "aria-sort=\"");
    }

    @Test
    void backupsAndDrillsAreSortedInsideTheirDocuments() throws Exception {
        assertThat(json(agent.get("/v1/backups?sort=finishedAt"))
                        .at("/backups/0/held")
                        .asText())
                .isEqualTo("before the move");
        assertThat(json(agent.get("/v1/backups?filter=incremental")).path("backups"))
                .hasSize(1);
        assertThat(json(agent.get("/v1/drills?sort=passed"))
                        .at("/drills/0/passed")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void whatHasNoValueStandsLastWhicheverWayItIsSorted() throws Exception {
        agent.tables = List.of(
                new TableState("ship", "public.never", null, 0L),
                new TableState("ship", "public.old", NOW.minusSeconds(60), null),
                new TableState("ship", "public.new", NOW, null));
        assertThat(json(agent.get("/v1/sync?sort=syncedAt")).findValuesAsText("table"))
                .containsExactly("public.old", "public.new", "public.never");
        assertThat(json(agent.get("/v1/sync?sort=-syncedAt")).findValuesAsText("table"))
                .containsExactly("public.new", "public.old", "public.never");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/runbooks", "/sync", "/backups", "/drills", "/replicas", "/slots", "/checklists"})
    void aWrongWishIsRefusedInWordsAndChangesNothing(String path) {
        assertProblem(agent.get("/v1" + path + "?sort=nosuch"), 400);
        assertProblem(agent.get("/v1" + path + "?srot=name"), 400);
        assertThat(agent.get(path + "?sort=nosuch", "Accept", "text/html").body())
                .contains("there is no column &#39;nosuch&#39; to sort by", "Columns: ");
    }

    @Test
    void nothingFoundSaysWhatWasLookedFor() {
        assertThat(agent.get("/sync?filter=zzz", "Accept", "text/html").body())
                .contains("Nothing here holds \u201czzz\u201d.");
        agent.tables = List.of();
        assertThat(agent.get("/sync", "Accept", "text/html").body())
                .contains("No run has synced or verified a table here yet.");
    }

    @Test
    void theTrailIsSearchedByTheSameParametersAsUnderV1() throws Exception {
        String page = agent.get("/audit?actor=schedule&limit=3", "Accept", "text/html")
                .body();
        assertThat(page)
                .contains("verified up to entry 24", "value=\"schedule\"", "/v1/audit?actor=schedule&amp;limit=3")
                .contains("Older entries")
                .doesNotContain("token:ops");
        assertThat(json(agent.get("/v1/audit?actor=schedule&limit=3")).path("entries"))
                .hasSize(3);
        assertThat(agent.get("/audit?since=2026-11-20", "Accept", "text/html").statusCode())
                .isEqualTo(200);
        assertProblem(agent.get("/v1/audit?since=2026-11-31"), 400);
    }
}
