package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.systemd.NotifySocket;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reloading: the configuration is exchanged under a running agent, or nothing is. */
class LongLivedAgentTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String SLOW = "runbook('slow') { step('wait') { query 'shore', 'select pg_sleep(61)' } }\n";

    @TempDir
    Path home;

    private final HttpClient http = HttpClient.newHttpClient();
    private TestHost host;
    private @Nullable LongLivedAgent agent;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
    }

    @AfterEach
    void end() {
        if (agent != null) {
            agent.stop();
            assertThat(agent.awaitStop()).isTrue();
        }
    }

    @Test
    void takesANewConfigurationOverAndStartsAgainWhatItHadToCutOff() throws Exception {
        host.writeConfig("shutdown: { grace: 0s, drain: 0s }\n");
        host.runbook("slow.groovy", SLOW);
        LongLivedAgent running = start();
        host.call("trigger", "slow");
        soon().until(() -> sleeping() == 1);

        rename("shore-2");
        running.reload();

        assertThat(get("/v1/version").path("host").asText()).isEqualTo("shore-2");
        soon().until(() -> sleeping() == 1);
        assertThat(get("/v1/runs?runbook=slow")).hasSize(2);
    }

    @Test
    void aStopInTheMiddleOfAReloadDoesNotWaitForItsRunsAndStartsNothingAgain() throws Exception {
        host.writeConfig("shutdown: { grace: 0s, drain: 10 min }\n");
        host.runbook("slow.groovy", SLOW);
        LongLivedAgent running = start();
        host.call("trigger", "slow");
        soon().until(() -> sleeping() == 1);
        rename("shore-2");
        Thread reload = new Thread(running::reload);
        reload.start();
        soon().until(() -> text("/health/ready").contains("draining"));

        Thread stop = new Thread(running::stop);
        stop.start();
        stop.join(60_000);

        assertThat(stop.isAlive()).as("the stop goes on").isFalse();
        reload.join(10_000);
        assertThat(running.awaitStop()).isTrue();
        assertThat(sleeping()).isZero();
        start();
        assertThat(get("/v1/runs?runbook=slow")).as("a plain stop is one").hasSize(1);
    }

    @Test
    void systemdIsToldHowLongAReloadAndAStopInItsMiddleMayTakeBeforeAnybodyWaits() throws Exception {
        host.writeConfig("shutdown: { grace: 0s, drain: 10 min }\n");
        host.runbook("slow.groovy", SLOW);
        try (NotifySocket socket = new NotifySocket(home.resolve("notify").toString())) {
            LongLivedAgent running = start(socket.environment());
            host.call("trigger", "slow");
            soon().until(() -> sleeping() == 1);
            rename("shore-2");
            Thread reload = new Thread(running::reload);
            reload.start();
            soon().until(() -> next(socket).contains("EXTEND_TIMEOUT_USEC=720000000"));

            Thread stop = new Thread(running::stop);
            stop.start();

            soon().until(() -> next(socket).matches("STOPPING=1\nSTATUS=.*\nEXTEND_TIMEOUT_USEC=120000000"));
            stop.join(60_000);
            assertThat(stop.isAlive()).isFalse();
            reload.join(10_000);
        }
    }

    private static String next(NotifySocket socket) {
        return socket.poll().orElse("");
    }

    @Test
    void whileRunsAreWaitedForTheyAreSeenAndCanBeCancelledAndNoneBegins() throws Exception {
        host.writeConfig("shutdown: { grace: 0s, drain: 10 min }\n");
        host.runbook("slow.groovy", SLOW);
        LongLivedAgent running = start();
        String id = JSON.readTree(host.call("trigger", "slow", "--json").out())
                .path("runId")
                .asText();
        soon().until(() -> sleeping() == 1);
        rename("shore-2");
        Thread reload = new Thread(running::reload);
        reload.start();
        soon().until(() -> text("/health/ready").contains("draining"));

        assertThat(text("/metrics")).contains("watchkeeper_run");
        assertThat(host.call("status").out()).contains("slow");
        soon().until(() -> host.call("trigger", "slow").err().contains("the agent is stopping"));
        assertThat(reload.isAlive()).isTrue();
        assertThat(host.call("cancel", id).exitStatus()).isZero();

        reload.join(60_000);
        assertThat(reload.isAlive()).isFalse();
        assertThat(get("/v1/version").path("host").asText()).isEqualTo("shore-2");
        assertThat(get("/v1/runs/" + id).path("state").asText()).isEqualTo("cancelled");
        assertThat(get("/v1/runs?runbook=slow&state=running"))
                .as("nobody starts again what a person ended")
                .isEmpty();
        assertThat(sleeping()).isZero();
    }

    @Test
    void goesOnUntouchedWithAConfigurationThatHasProblems() throws Exception {
        LongLivedAgent running = start();
        String startedAt = get("/v1/status").path("startedAt").asText();

        Files.writeString(host.config(), Files.readString(host.config()) + "hostt: {}\n");
        running.reload();

        assertThat(get("/v1/status").path("startedAt").asText()).isEqualTo(startedAt);
    }

    @Test
    void doesNothingWhereNothingChanged() throws Exception {
        LongLivedAgent running = start();
        String startedAt = get("/v1/status").path("startedAt").asText();

        running.reload();

        assertThat(get("/v1/status").path("startedAt").asText()).isEqualTo(startedAt);
    }

    @Test
    void goesBackToTheOldConfigurationWhenItCannotStartWithTheNew() throws Exception {
        LongLivedAgent running = start();
        String startedAt = get("/v1/status").path("startedAt").asText();

        try (ServerSocket taken = new ServerSocket(0)) {
            Files.writeString(
                    host.config(),
                    Files.readString(host.config())
                            .replace("127.0.0.1:" + host.port(), "127.0.0.1:" + taken.getLocalPort()));
            running.reload();
        }

        assertThat(get("/v1/status").path("startedAt").asText())
                .as("a daemon with the old configuration, at the old address")
                .isNotEmpty()
                .isNotEqualTo(startedAt);
    }

    private LongLivedAgent start() {
        return start(Map.of());
    }

    private LongLivedAgent start(Map<String, String> environment) {
        ConfigLoader loader = new ConfigLoader(Map.of());
        LongLivedAgent started = LongLivedAgent.start(
                loader.load(host.config()).config().orElseThrow(),
                () -> loader.load(host.config()),
                Clock.systemDefaultZone(),
                environment);
        agent = started;
        return started;
    }

    private void rename(String name) throws Exception {
        Files.writeString(host.config(), Files.readString(host.config()).replace("name: shore-1", "name: " + name));
    }

    private int sleeping() {
        return Integer.parseInt(
                TestHost.ask(
                        TestServers.shore(),
                        host.shoreDatabase(),
                        "select count(*) from pg_stat_activity where query like 'select pg_sleep(61)%' and state = 'active' and datname = current_database()"));
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50));
    }

    private JsonNode get(String path) throws Exception {
        return JSON.readTree(text(path));
    }

    private String text(String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(host.address() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
