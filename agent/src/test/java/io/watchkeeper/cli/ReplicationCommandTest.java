package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Without an agent, the servers themselves are asked. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicationCommandTest {

    @TempDir
    Path home;

    private LocalServer primary;
    private LocalServer standby;
    private TestHost host;

    @BeforeAll
    void startServers() {
        primary = TestServers.own(Map.of());
        standby = StandbyServers.of(primary);
        TestServers.execute(primary, "postgres", "select pg_create_physical_replication_slot('forgotten', true)");
    }

    @AfterAll
    void stopServers() {
        standby.close();
        primary.close();
    }

    @BeforeEach
    void makeHost() throws IOException {
        host = new TestHost(home);
        Files.writeString(host.config(), """
                databases:
                  shore: { url: '%s', user: postgres }
                  standby: { url: '%s', user: postgres, standbyOf: shore }
                runbooks: %s
                state: %s
                http: { listen: "127.0.0.1:%d" }
                """.formatted(
                        primary.url("postgres"), standby.url("postgres"), host.runbooks(), host.state(), host.port()));
    }

    @Test
    void showsReplicasSlotsAndWhatAStandbySaysItself() {
        TestHost.Called called = host.call("replication");
        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out())
                .contains("shore   primary, at 0/", "physical", "streaming", "to replay")
                .contains("forgotten", "nobody, since", "no limit")
                .contains("standby   standby, at 0/", "receives from 127.0.0.1:" + primary.port() + ": streaming");
    }

    @Test
    void printsOneDocumentAboutOneServer() throws Exception {
        JsonNode document = new ObjectMapper()
                .readTree(host.call("replication", "--database", "shore", "--json")
                        .out());
        assertThat(document.path("status").asText()).isEqualTo("ok");
        assertThat(document.path("servers")).hasSize(1);
        assertThat(document.at("/servers/0/replicas/0/kind").asText()).isEqualTo("physical");
    }

    @Test
    void refusesADatabaseThatIsNotConfigured() {
        TestHost.Called called = host.call("replication", "--database", "shroe");
        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("'shroe' is not in the configuration", "did you mean 'shore'?");
    }
}
