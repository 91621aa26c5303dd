package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.testing.TestHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent and the commands of a host leave on the audit trail, and what the commands say of it. */
class AuditedAgentTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUICK =
            "runbook('quick') { param 'day', '1'\n step('ask') { query 'shore', 'select 42' } }\n";

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
    }

    @Test
    void runsByCommandAreOnRecordAndTheTrailVerifies() throws Exception {
        host.runbook("quick.groovy", QUICK);
        host.runbook("bad.groovy", "runbook('bad') { step('ask') { query 'shore', 'select 1/0' } }\n");

        assertThat(host.call("run", "quick", "-P", "day=7").exitStatus()).isZero();
        assertThat(host.call("run", "bad").exitStatus()).isEqualTo(1);

        List<JsonNode> entries = search("--action", "run.*");
        assertThat(entries).hasSize(4);
        JsonNode accepted = entries.get(3);
        assertThat(accepted.path("actor").asText()).isEqualTo("user:" + System.getProperty("user.name"));
        assertThat(accepted.path("from").asText()).isEqualTo("terminal");
        assertThat(accepted.path("subject").asText()).isEqualTo("quick");
        assertThat(accepted.at("/details/params/day").asText()).isEqualTo("7");
        assertThat(entries.get(2).path("result").asText()).isEqualTo("succeeded");
        assertThat(entries.get(2).at("/details/runId")).isEqualTo(accepted.at("/details/runId"));
        assertThat(entries.get(0).path("result").asText()).isEqualTo("failed");
        assertThat(entries.get(0).at("/details/error").asText()).contains("division by zero");

        TestHost.Called verified = host.call("audit", "verify");
        assertThat(verified.exitStatus()).as(verified.err()).isZero();
        assertThat(verified.out()).contains("intact: 4 entries, from 1 to 4", "audit-anchor: confirmed");
        assertThat(host.call("audit", "search").out()).contains("run.accepted", "quick", "division by zero");
        TestHost.Called csv = host.call("audit", "export", "--format", "csv");
        assertThat(csv.out().lines()).hasSize(5);
        assertThat(JSON.readTree(host.call("audit", "export")
                                .out()
                                .lines()
                                .toList()
                                .get(3))
                        .path("position")
                        .asInt())
                .isEqualTo(4);
        assertThat(host.call("audit", "export", "--since", "2100-01-01").out()).isEmpty();
    }

    @Test
    void aDamagedTrailIsExitOneWithTheFirstDamagedPosition() throws Exception {
        host.runbook("quick.groovy", QUICK);
        host.call("run", "quick");
        String anchor = Files.readString(host.state().resolve("audit-anchor")).strip();
        assertThat(host.call("audit", "verify", "--anchor", anchor).out()).contains("from --anchor: confirmed");
        assertThat(host.call("audit", "verify", "--anchor", "seven").exitStatus())
                .isEqualTo(2);
        try (var connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + host.state().resolve("watchkeeper.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("update audit set entry = replace(entry, 'user:', 'else:') where position = 2");
        }

        TestHost.Called verified = host.call("audit", "verify");
        assertThat(verified.exitStatus()).isEqualTo(1);
        assertThat(verified.out()).contains("DAMAGED at entry 2 (changed)", "HINT");
        JsonNode document = JSON.readTree(host.call("audit", "verify", "--json").out());
        assertThat(document.path("intact").asBoolean(true)).isFalse();
        assertThat(document.at("/damage/position").asInt()).isEqualTo(2);
        assertThat(document.at("/damage/kind").asText()).isEqualTo("changed");
    }

    @Test
    void anAnchorFromBeforeAnExpiryIsAWarningAndTheAgentsOwnIsDamage() throws Exception {
        host.runbook("quick.groovy", QUICK);
        host.call("run", "quick");
        try (RunHistory history = RunHistory.open(host.state(), Clock.systemUTC())) {
            assertThat(history.audit("shore-1").expire(Duration.ZERO)).isPositive();
        }
        TestHost.Called verified = host.call("audit", "verify");
        assertThat(verified.exitStatus()).as(verified.out()).isZero();
        assertThat(verified.out()).doesNotContain("WARNING");
        String cut = search("--action", "audit.expired")
                .get(0)
                .at("/details/lastPosition")
                .asText();
        TestHost.Called atTheCut = host.call("audit", "verify", "--anchor", cut + ":abcdefabcdef");
        assertThat(atTheCut.exitStatus()).isEqualTo(1);
        host.call("run", "quick");
        try (RunHistory history = RunHistory.open(host.state(), Clock.systemUTC())) {
            assertThat(history.audit("shore-1").expire(Duration.ZERO)).isPositive();
        }

        verified = host.call("audit", "verify", "--anchor", "1:abcdefabcdef");

        assertThat(verified.exitStatus()).as(verified.out()).isZero();
        assertThat(verified.out())
                .contains("--anchor: unconfirmed", "WARNING: anchor 1:abcdefabcdef lies before the last checkpoint");
        Files.writeString(host.state().resolve("audit-anchor"), "1:" + "a".repeat(64));
        verified = host.call("audit", "verify");
        assertThat(verified.exitStatus()).isEqualTo(1);
        assertThat(verified.out()).contains("(unconfirmed)", "cannot be confirmed");
    }

    @Test
    void withoutAStoreThereIsNothingToVerify() {
        TestHost.Called verified = host.call("audit", "verify");
        assertThat(verified.exitStatus()).isEqualTo(1);
        assertThat(verified.err()).contains("there is no audit trail", "HINT");
    }

    @Test
    void theAgentRecordsItsStartItsConfigurationAndWhatChangesInTheFolder() throws Exception {
        Path quick = host.runbook("quick.groovy", QUICK);
        Daemon daemon = Daemon.start(config(), Clock.systemUTC(), Map.of());
        try {
            JsonNode loaded = search("--action", "config.loaded").get(0);
            assertThat(loaded.at("/details/sha256").asText()).isEqualTo(FileDigest.of(host.config()));
            JsonNode added = search("--action", "runbook.added").get(0);
            assertThat(added.path("subject").asText()).isEqualTo("quick");
            assertThat(added.at("/details/sha256").asText()).isEqualTo(FileDigest.of(quick));
            assertThat(added.at("/details/owner").asText())
                    .isEqualTo(Files.getOwner(quick).getName());
            assertThat(added.at("/details/modified").asText()).startsWith("20");

            host.runbook("quick.groovy", QUICK + "// more\n");
            recorded("runbook.changed", "quick");
            host.runbook("quick.groovy", "runbook('quick') { stepp }\n");
            recorded("runbook.broken", quick.toString());
            Files.delete(quick);
            recorded("runbook.removed", "quick");
            host.runbook("late.groovy", "runbook('late') { step('ask') { query 'shore', 'select 1' } }\n");
            recorded("runbook.added", "late");
        } finally {
            daemon.stop();
        }
        assertThat(search().get(0).path("action").asText()).isEqualTo("agent.stopped");
        assertThat(search("--action", "agent.started").get(0).path("actor").asText())
                .startsWith("user:");
        assertThat(host.call("audit", "verify").exitStatus()).isZero();
    }

    @Test
    void whatChangedWhileNoAgentRanIsRecordedAtTheNextStart() throws Exception {
        host.runbook("same.groovy", QUICK.replace("quick", "same"));
        host.runbook("quick.groovy", QUICK);
        Path gone = host.runbook("gone.groovy", QUICK.replace("quick", "gone"));
        Daemon.start(config(), Clock.systemUTC(), Map.of()).stop();
        assertThat(search("--action", "runbook.*")).hasSize(3);
        host.runbook("quick.groovy", QUICK + "// changed in the night\n");
        Files.delete(gone);
        host.writeConfig("history: { keepAudit: 400d }\n");

        Daemon.start(config(), Clock.systemUTC(), Map.of()).stop();

        List<JsonNode> changes = search("--action", "runbook.*", "--limit", "2");
        assertThat(changes)
                .extracting(entry -> entry.path("action").asText() + " "
                        + entry.path("subject").asText())
                .containsExactly("runbook.removed gone", "runbook.changed quick");
        assertThat(search("--action", "runbook.*")).hasSize(5);
        assertThat(search("--action", "config.loaded")
                        .get(0)
                        .at("/details/before")
                        .asText())
                .hasSize(64);
    }

    @Test
    void aRunThatIsInterruptedIsOnRecordAsFailedAfterTheNextStart() throws Exception {
        host.runbook("quick.groovy", QUICK);
        Daemon.start(config(), Clock.systemUTC(), Map.of()).stop();
        try (RunHistory history = RunHistory.open(host.state(), Clock.systemUTC())) {
            history.runAccepted(new RunOutcome(
                    "01JD8000000000000000000001",
                    "quick",
                    "shore-1",
                    RunState.RUNNING,
                    Clock.systemUTC().instant(),
                    Duration.ZERO,
                    false,
                    RunTrigger.SCHEDULE,
                    Map.of(),
                    List.of(),
                    null));
        }

        Daemon.start(config(), Clock.systemUTC(), Map.of()).stop();

        JsonNode ended = search("--action", "run.finished").get(0);
        assertThat(ended.path("result").asText()).isEqualTo("failed");
        assertThat(ended.at("/details/error").asText()).contains("interrupted");
    }

    private void recorded(String action, String subject) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !search("--action", action, "--subject", subject).isEmpty());
    }

    private List<JsonNode> search(String... words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("audit", "search", "--json"));
        arguments.addAll(List.of(words));
        TestHost.Called called = host.call(arguments.toArray(String[]::new));
        assertThat(called.exitStatus()).as(called.err()).isZero();
        List<JsonNode> entries = new ArrayList<>();
        JSON.readTree(called.out()).forEach(entries::add);
        return entries;
    }

    private AgentConfig config() {
        ConfigLoader.Loaded loaded = new ConfigLoader(Map.of()).load(host.config());
        return loaded.config()
                .orElseThrow(() -> new AssertionError(loaded.problems().toString()));
    }
}
