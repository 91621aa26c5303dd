package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.engine.Strain;
import io.watchkeeper.runbook.HeavyWork;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeavyWorkRoutesTest {

    private static final String SLOWLY = "goes on slowly because replica 'ship' of 'shore' is 7 min behind";

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    private static ArbiterState busy() {
        return new ArbiterState(
                2,
                List.of(new ArbiterState.Job(
                        "01JCOPY",
                        "fill-ship",
                        42,
                        HeavyWork.between(HeavyWork.Kind.COPY, "shore", "ship"),
                        NOW.minusSeconds(60),
                        0,
                        SLOWLY)),
                List.of(new ArbiterState.Job(
                        "01JVACUUM",
                        "vacuum <nightly>",
                        43,
                        HeavyWork.maintenance("ship"),
                        NOW.minusSeconds(30),
                        1,
                        "waits for 'fill-ship' (run 01JCOPY, copy), which works in 'ship'")),
                List.of(new Strain(
                        Strain.Kind.LAG, "shore", "replica 'ship' of 'shore' is 7 min behind", NOW.minusSeconds(20))));
    }

    @Test
    void saysWhoIsAtItWhoWaitsForWhomAndWhatStrains() throws Exception {
        agent.heavy = busy();
        JsonNode document = json(agent.get("/v1/arbiter"));
        assertThat(document.path("atOnce").asInt()).isEqualTo(2);
        JsonNode working = document.path("working").path(0);
        assertThat(working.path("runbook").asText()).isEqualTo("fill-ship");
        assertThat(working.path("kind").asText()).isEqualTo("copy");
        assertThat(working.path("databases")).extracting(JsonNode::asText).containsExactly("shore", "ship");
        assertThat(working.path("reason").asText()).isEqualTo(SLOWLY);
        assertThat(working.has("place")).isFalse();
        JsonNode waiting = document.path("waiting").path(0);
        assertThat(waiting.path("place").asInt()).isEqualTo(1);
        assertThat(waiting.path("process").asLong()).isEqualTo(43);
        assertThat(document.path("strains").path(0).path("kind").asText()).isEqualTo("lag");
        assertThat(json(agent.get("/v1/status")).path("heavy")).isEqualTo(document);
    }

    @Test
    void thePageShowsTheSectionWhileThereIsAny() throws Exception {
        agent.load(runbook("a"));
        assertThat(agent.get("/").body()).doesNotContain("Heavy work");
        agent.heavy = busy();
        assertThat(agent.get("/").body())
                .contains(
                        "Heavy work", "1 of 2 places are taken.", "fill-ship", "copy · shore → ship", "goes on slowly")
                .contains("vacuum &lt;nightly&gt;", "number 1 in line", "which works in")
                .contains("replica &#39;ship&#39; of &#39;shore&#39; is 7 min behind");
    }
}
