package io.watchkeeper.http;

import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ObjectiveRoutesTest {

    private final AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    private static Review shore(ReviewFinding... findings) {
        return new Review(
                "objectives",
                "shore",
                "reads p95 1.2 ms, writes p95 <55> ms",
                List.of(findings),
                List.of(Map.of("objective", "read", "counted", 20)));
    }

    @Test
    void saysWhetherTheyAreKept() throws Exception {
        agent.objectives = List.of(shore());

        JsonNode document = json(agent.get("/v1/slo")).path(0);

        assertThat(document.path("database").asText()).isEqualTo("shore");
        assertThat(document.path("status").asText()).isEqualTo("ok");
        assertThat(document.path("evidence").path(0).path("counted").asInt()).isEqualTo(20);
        assertThat(agent.get("/").body())
                .contains("shore keeps its objectives", "reads p95 1.2 ms, writes p95 &lt;55&gt; ms");
        assertThat(agent.get("/v1/slo?database=x").statusCode()).isEqualTo(400);
    }

    @Test
    void whatIsNotKeptIsAWarningOfThePage() throws Exception {
        agent.objectives =
                List.of(shore(new ReviewFinding("fastBurn", ReviewStatus.FAIL, "spent 15 times as fast", "look")));

        assertThat(agent.get("/").body())
                .contains("shore does not keep its objectives", "objectives of shore: spent 15 times as fast");
    }

    @Test
    void wherePromisesAreNotMadeNothingIsSaid() throws Exception {
        assertThat(json(agent.get("/v1/slo"))).isEmpty();
        assertThat(agent.get("/").body()).doesNotContain("objectives of", "its objectives");
    }
}
