package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.replicas.MadeUpServer;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.Replica;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicationRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void documentHasReplicasWithTheirSamplesSlotsAndEvents() throws Exception {
        story();
        JsonNode document = json(agent.get("/v1/replication?database=shore"));
        assertThat(document.path("status").asText()).isEqualTo("alert");
        assertThat(document.path("alertAfterSeconds").asDouble()).isEqualTo(300);
        JsonNode replica = document.at("/servers/0/replicas/0");
        assertThat(replica.path("name").asText()).isEqualTo("standby");
        assertThat(replica.path("lagSeconds").asDouble()).isEqualTo(544);
        assertThat(replica.at("/lagBytes/replay").asLong()).isEqualTo(90_000_000);
        assertThat(replica.path("status").asText()).isEqualTo("alert");
        assertThat(replica.path("samples")).hasSize(60);
        assertThat(document.at("/servers/0/slots/0/slot").asText()).isEqualTo("watchkeeper_standby");
        assertThat(document.path("events").findValuesAsText("kind")).containsExactly("lag", "cause", "action");
        assertThat(document.at("/concerns/0/message").asText()).isEqualTo("standby is 9 min 4 s behind shore");
        assertThat(json(agent.get("/v1/replication?database=ship")).path("servers"))
                .isEmpty();
    }

    @Test
    void healthJudgesEachThingAndTheWhole() throws Exception {
        agent.replication.note(new MadeUpServer("shore", NOW)
                .standby("standby", 61, 5_000)
                .slot("ship_7", false, 9_000, "lost", -1)
                .build());
        agent.upkeep = List.of(new ServerUpkeep(
                "shore",
                NOW,
                true,
                1,
                3,
                12.5,
                "public.events",
                120_000_000,
                200_000_000,
                List.of(
                        new ServerUpkeep.Table("public.events", 8_192, 850, 150),
                        new ServerUpkeep.Table("public.notes", 8_192, 1_000, 0))));
        agent.protection = new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofHours(3))
                .drill("shore", Duration.ofDays(1), true, 1.5, 90)
                .build();
        JsonNode health = json(agent.get("/v1/meta/health"));
        assertThat(health.path("status").asText()).isEqualTo("alert");
        assertThat(health.at("/replication/0/standby").asText()).isEqualTo("standby");
        assertThat(health.at("/replication/0/lagSeconds").asDouble()).isEqualTo(61);
        assertThat(health.at("/replication/0/lagBytes").asLong()).isEqualTo(5_000);
        assertThat(health.at("/replication/0/status").asText()).isEqualTo("warn");
        assertThat(health.at("/slots/0/slot").asText()).isEqualTo("ship_7");
        assertThat(health.at("/slots/0/status").asText()).isEqualTo("alert");
        assertThat(health.at("/autovacuum/workersRunning").asInt()).isEqualTo(1);
        assertThat(health.at("/autovacuum/workersMax").asInt()).isEqualTo(3);
        assertThat(health.at("/autovacuum/oldestXidAge").asLong()).isEqualTo(120_000_000);
        assertThat(health.at("/autovacuum/status").asText()).isEqualTo("ok");
        assertThat(health.at("/bloat/0/deadRatio").asDouble()).isEqualTo(0.15);
        assertThat(health.at("/bloat/0/measuredBy").asText()).isEqualTo("statistics");
        assertThat(health.path("bloat").findValuesAsText("status")).containsExactly("warn", "ok");
        assertThat(health.at("/backups/0/status").asText()).isEqualTo("ok");
        assertThat(health.at("/drills/0/rtoSeconds").asDouble()).isEqualTo(90);
        assertThat(health.at("/drills/0/status").asText()).isEqualTo("ok");
    }

    @Test
    void healthIsWellWhereThereIsNothing() throws Exception {
        JsonNode health = json(agent.get("/v1/meta/health"));
        assertThat(health.path("status").asText()).isEqualTo("ok");
        assertThat(health.path("replication").isArray()).isTrue();
        assertThat(health.path("drills").isArray()).isTrue();
        assertThat(health.at("/autovacuum/status").asText()).isEqualTo("ok");
    }

    @Test
    void healthSaysOfAServerThatDoesNotAnswerThatItDoesNotAnswer() throws Exception {
        agent.replication.note(new MadeUpServer("shore", NOW)
                .standby("standby", 0, 0)
                .slot("watchkeeper_standby", true, 9_000, "reserved", -1)
                .problem("connection refused")
                .build());
        JsonNode health = json(agent.get("/v1/meta/health"));
        assertThat(health.path("status").asText()).isEqualTo("warn");
        assertThat(health.at("/servers/0/database").asText()).isEqualTo("shore");
        assertThat(health.at("/servers/0/problem").asText()).isEqualTo("connection refused");
        assertThat(health.findValuesAsText("status")).containsOnly("warn", "ok");
        assertThat(health.at("/replication/0/status").asText()).isEqualTo("warn");
        assertThat(health.at("/slots/0/status").asText()).isEqualTo("warn");

        // Never reached: it has nothing that could be judged but that.
        agent.replication.note(
                new MadeUpServer("shore", NOW).problem("connection refused").build());
        assertThat(json(agent.get("/v1/meta/health")).path("status").asText()).isEqualTo("warn");
        agent.replication.note(
                new MadeUpServer("shore", NOW).standby("standby", 0, 0).build());
        health = json(agent.get("/v1/meta/health"));
        assertThat(health.path("status").asText()).isEqualTo("ok");
        assertThat(health.at("/servers/0/problem").isNull()).isTrue();
    }

    @Test
    void healthTakesNoOldFiguresOfAutovacuumForGoodOnes() throws Exception {
        agent.upkeep = List.of(
                new ServerUpkeep("shore", NOW, true, 0, 3, 0, null, 120_000_000, 200_000_000, List.of()),
                new ServerUpkeep(
                        "ship", NOW.minusSeconds(360), true, 0, 3, 0, null, 90_000_000, 200_000_000, List.of()));
        JsonNode health = json(agent.get("/v1/meta/health"));
        assertThat(health.path("status").asText()).isEqualTo("warn");
        assertThat(health.at("/autovacuum/status").asText()).isEqualTo("warn");
        assertThat(health.at("/autovacuum/database").asText()).isEqualTo("ship");
        assertThat(health.at("/autovacuum/servers").findValuesAsText("status")).containsExactly("ok", "warn");
    }

    @Test
    void aStandbyTellsOfItselfWhereItsPrimaryIsNotLookedAt() throws Exception {
        agent.replication.note(
                new MadeUpServer("ship", NOW).receiving(400, false).build());
        JsonNode element = json(agent.get("/v1/meta/health")).at("/replication/0");
        assertThat(element.path("standby").asText()).isEqualTo("ship");
        assertThat(element.path("lagSeconds").asDouble()).isEqualTo(400);
        assertThat(element.path("status").asText()).isEqualTo("alert");
    }

    @Test
    void pageDrawsTheLagItsLimitAndWhatWasDone() throws Exception {
        agent.load(runbook("a"));
        story();
        String page = agent.get("/").body();
        assertThat(page)
                .contains("1 thing needs you.", "standby is 9 min 4 s behind shore.", "watchkeeper run lag-remedy")
                .contains(
                        "<svg class=\"plot\" role=\"img\" aria-label=\"standby: at most 9 min 4 s, now 9 min 4 s. The limit is 5 min.")
                .contains("<path class=\"line n0\"", "class=\"limit alert\"", "class=\"mark cause\"")
                .contains("a query on the standby blocks replay", "hot_standby_feedback turned on for 10 min")
                .contains("Replication lag", "streaming", "85.8 MB", "data-heartbeat");
        assertThat(page).doesNotContain("NaN", "Infinity");
        assertThat(json(agent.get("/v1/status")).at("/attention/0/kind").asText())
                .isEqualTo("lag");
    }

    @Test
    void pageTellsOfReplicasThatAreAwayInEnglishAndKorean() throws Exception {
        agent.load(runbook("a"));
        agent.replication.note(new MadeUpServer("shore", NOW)
                .away("ship-7", Replica.Kind.LOGICAL, Duration.ofDays(3))
                .slot("watchkeeper_ship-7", false, 2L << 30, "extended", 6L << 30)
                .conflicts("lock", 2)
                .problem("connection refused")
                .build());
        assertThat(agent.get("/").body())
                .contains("All well, with one warning.", "subscriber of shore", "away", "last seen", "3 days ago")
                .contains("more than max_wal_size, 6 GB left to its limit", "connection refused")
                .contains("2 queries cancelled in favour of replay: lock 2");
        assertThat(agent.get("/", "Accept-Language", "ko").body())
                .contains("복제 지연", "shore의 구독자", "ship-7이(가) shore의 로그를 가져가지 않습니다.");
    }

    @Test
    void pageSaysSoWhereNothingReplicates() throws Exception {
        agent.load(runbook("a"));
        assertThat(agent.get("/").body())
                .contains("No configured database has replicas, slots or a primary of its own.")
                .doesNotContain("data-heartbeat", "figure class=\"lag\"");
    }

    /** Ten minutes in which nothing is replayed. */
    private void story() {
        for (int i = 0; i < 60; i++) {
            Instant at = NOW.minus(Duration.ofSeconds(10L * (59 - i)));
            agent.replication.note(new MadeUpServer("shore", at)
                    .standby("standby", 544.0 * i / 59, 90_000_000L * i / 59)
                    .slot("watchkeeper_standby", true, 16L << 20, "reserved", -1)
                    .build());
        }
        List<String> texts = new ArrayList<>(List.of(
                "standby is 5 min behind",
                "a query on the standby blocks replay",
                "hot_standby_feedback turned on for 10 min"));
        RemedyEvent.Kind[] kinds = {RemedyEvent.Kind.LAG, RemedyEvent.Kind.CAUSE, RemedyEvent.Kind.ACTION};
        for (int i = 0; i < kinds.length; i++) {
            agent.replication.event(new RemedyEvent(
                    NOW.minus(Duration.ofSeconds(200 - 5L * i)), "shore", "standby", kinds[i], texts.get(i)));
        }
    }
}
