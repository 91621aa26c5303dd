package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The role goes over by one command, as a run that is recorded. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SwitchoverCommandTest {

    @TempDir
    static Path home;

    private TestHost host;
    private LocalServer primary;
    private LocalServer standby;

    @BeforeAll
    void start() throws Exception {
        host = new TestHost(home);
        primary = TestServers.own(Map.of());
        standby = StandbyServers.of(primary);
        String config = Files.readString(host.config());
        Files.writeString(host.config(), config.replaceFirst("databases:\\R", """
                        databases:
                          main: { url: "%s", user: postgres }
                          spare: { url: "%s", user: postgres, standbyOf: main }
                        """.formatted(
                        primary.url("postgres"), standby.url("postgres"))));
    }

    @AfterAll
    void stop() {
        standby.delete();
        primary.delete();
    }

    private static String recovering(LocalServer server) {
        return TestHost.ask(server, "postgres", "select pg_is_in_recovery()::text");
    }

    @Test
    void showsThePlanFirstAndDoesItOnAPersonsWord() throws Exception {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> TestHost.ask(primary, "postgres", "select count(*) from pg_stat_replication")
                        .equals("1"));

        TestHost.Called plan = host.call("switchover", "--from", "main", "--to", "spare");
        assertThat(plan.exitStatus()).as(plan.err() + plan.out()).isZero();
        assertThat(plan.out()).contains("main→spare", "pg_promote", "no way back", "--yes");
        assertThat(recovering(standby)).isEqualTo("true");

        TestHost.Called done = host.call("switchover", "--from", "main", "--to", "spare", "--yes", "--json");
        assertThat(done.exitStatus()).as(done.err() + done.out()).isZero();
        JsonNode result = new ObjectMapper().readTree(done.out()).at("/steps/0/results/0");
        assertThat(result.path("verb").asText()).isEqualTo("switchover");
        assertThat(result.path("state").asText()).isEqualTo("done");
        assertThat(result.path("downtimeMs").asLong()).isPositive();
        assertThat(recovering(standby)).isEqualTo("false");
        assertThat(recovering(primary)).isEqualTo("true");
        assertThat(host.call("history").out()).contains("switchover", "succeeded");

        TestHost.Called again = host.call("switchover", "--from", "main", "--to", "spare", "--yes");
        assertThat(again.exitStatus()).isEqualTo(1);
        assertThat(again.out()).contains("'main' is no primary but a standby");
    }

    @Test
    void whatCannotBeMeantIsMisuse() {
        assertThat(host.call("switchover", "--from", "main", "--to", "main", "--yes")
                        .exitStatus())
                .isEqualTo(2);
        TestHost.Called unknown = host.call("switchover", "--from", "main", "--to", "spaer", "--yes");
        assertThat(unknown.exitStatus()).isEqualTo(2);
        assertThat(unknown.err()).contains("did you mean 'spare'?");
        assertThat(host.call("switchover", "--from", "main", "--to", "spare", "--address", "x")
                        .exitStatus())
                .isEqualTo(2);
        TestHost.Called nothing = host.call("switchover", "--from", "main", "--to", "spare", "--back");
        assertThat(nothing.exitStatus()).as(nothing.err() + nothing.out()).isZero();
    }
}
