package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.testing.RequestFuzzer;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** The short form of {@code agent/bin/bench Fuzz}. */
class FuzzTest {

    private static final int REQUESTS = 2_000;

    @Test
    void noMalformedRequestIsAnsweredWith5xxOrWithNamesOfClasses() throws Exception {
        AgentConfig.Http settings = new AgentConfig.Http(
                new InetSocketAddress("127.0.0.1", 0),
                TOKEN,
                null,
                null,
                false,
                true,
                4_096,
                new AgentConfig.HttpBounds(8_192, 264, 0));
        try (AgentStandIn agent = AgentStandIn.start(settings)) {
            agent.load(runbook("a"));
            RequestFuzzer.Tally tally =
                    new RequestFuzzer(agent.server.port(), TOKEN.reveal(), "a", 20261121).send(REQUESTS);
            assertThat(tally.offences()).as("%s", tally.statuses()).isEmpty();
            // Else the requests never got far, and nothing was tried.
            assertThat(tally.statuses()).containsKeys(200, 400, 404, 405, 431);
            assertThat(tally.statuses().getOrDefault(401, 0) + tally.statuses().getOrDefault(429, 0))
                    .isLessThan(REQUESTS / 4);
            assertThat(agent.get("/health/live").statusCode()).isEqualTo(200);
        }
    }
}
