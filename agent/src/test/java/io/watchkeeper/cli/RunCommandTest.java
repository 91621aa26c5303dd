package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {

    private static final String COPY = """
            runbook('copy-orders') {
                description 'Copies the orders aboard.'
                step('copy') {
                    def result = copyTable('public.orders') { from 'shore'; to 'ship' }
                    log.info "copied ${result.rowsWritten()} rows"
                }
            }
            """;

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.onShore(
                "create table orders(id int primary key, note text); insert into orders select g, 'n' || g from generate_series(1, 500) g");
        host.onShip("create table orders(id int primary key, note text)");
    }

    @Test
    void runsARunbookByNameAndCopiesForReal() {
        host.runbook("copy.groovy", COPY);

        TestHost.Called called = host.call("run", "copy-orders");

        assertThat(called.exitStatus()).as(called.err() + called.out()).isZero();
        assertThat(called.out()).contains("✓ copy", "500 rows", "copied 500 rows", "succeeded after");
        assertThat(TestHost.ask(TestServers.ship(), host.shipDatabase(), "select count(*) from orders"))
                .isEqualTo("500");
    }

    @Test
    void ofARunbookThatComesWithTheProgramAndWasNotCopiedItSaysWhereItIs() {
        TestHost.Called called = host.call("run", "lag-remedy", "--dry-run");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err())
                .contains(
                        "there is no runbook 'lag-remedy'",
                        "HINT: One comes with the program: watchkeeper run /",
                        "/runbooks/lag-remedy.groovy");
        assertThat(host.call("run", "no-such-thing").err()).doesNotContain("comes with the program");
    }

    @Test
    void jsonIsOneDocumentAndNothingElse() throws Exception {
        Path file = host.runbook("copy.groovy", COPY);

        TestHost.Called called = host.call("run", file.toString(), "--json");

        JsonNode run = new ObjectMapper().readTree(called.out());
        assertThat(run.get("state").asText()).isEqualTo("succeeded");
        assertThat(run.get("host").asText()).isEqualTo("shore-1");
        JsonNode result = run.get("steps").get(0).get("results").get(0);
        assertThat(result.get("verb").asText()).isEqualTo("copyTable");
        assertThat(result.get("rowsWritten").asLong()).isEqualTo(500);
        assertThat(result.get("verified").asBoolean()).isTrue();
        assertThat(called.err()).isEmpty();
    }

    @Test
    void dryRunShowsSqlLocksAndRowsAndChangesNothing() {
        host.runbook("copy.groovy", COPY);
        host.onShore("analyze orders");

        TestHost.Called called = host.call("run", "copy-orders", "--dry-run");

        assertThat(called.exitStatus()).as(called.err() + called.out()).isZero();
        assertThat(called.out())
                .contains(
                        "would run on shore-1 (role primary)",
                        "COPY",
                        "ACCESS EXCLUSIVE",
                        "500 rows",
                        "Nothing was changed.");
        assertThat(TestHost.ask(TestServers.ship(), host.shipDatabase(), "select count(*) from orders"))
                .isEqualTo("0");
    }

    @Test
    void aFailureNamesTheFileTheLineAndTheSqlState() throws Exception {
        host.runbook("broken.groovy", """
                runbook('broken') {
                    step('ask') {
                        query 'shore', 'select * from no_such_table'
                    }
                }
                """);

        TestHost.Called called = host.call("run", "broken", "--json");

        assertThat(called.exitStatus()).isEqualTo(1);
        JsonNode error = new ObjectMapper().readTree(called.out()).get("error");
        assertThat(error.get("file").asText()).endsWith("broken.groovy");
        assertThat(error.get("line").asInt()).isEqualTo(3);
        assertThat(error.get("sqlState").asText()).isEqualTo("42P01");
        assertThat(error.get("message").asText()).contains("no_such_table");
    }

    @Test
    void aTypoIsTwoAndRunsNothing() {
        Path file = host.runbook("typo.groovy", "runbook('typo') {\n  schedul { }\n  step('x') { }\n}\n");

        TestHost.Called called = host.call("run", file.toString());

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("typo.groovy:2:3", "HINT: did you mean 'schedule'?", "Nothing was run.");
    }

    @Test
    void anUnknownNameSuggestsTheNearest() {
        host.runbook("copy.groovy", COPY);

        TestHost.Called called = host.call("run", "copy-order");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("did you mean 'copy-orders'?");
    }

    @Test
    void anUnknownParameterIsRefused() {
        host.runbook("copy.groovy", COPY);

        TestHost.Called called = host.call("run", "copy-orders", "-P", "sinc=1");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("sinc");
    }

    @Test
    void jsonIsOneDocumentAlsoWhenNothingWasRun() throws Exception {
        Path file = host.runbook("typo.groovy", "runbook('typo') {\n  schedul { }\n  step('x') { }\n}\n");

        JsonNode typo = refused(host.call("run", file.toString(), "--json"));
        assertThat(typo.at("/problems/0/line").asInt()).isEqualTo(2);
        assertThat(typo.at("/problems/0/hint").asText()).startsWith("did you mean 'schedule'?");
        host.runbook("typo.groovy", COPY);
        JsonNode unknown = refused(host.call("run", "copy-order", "--json"));
        assertThat(unknown.at("/error/message").asText()).contains("'copy-order'");
        assertThat(unknown.at("/error/hint").asText()).contains("did you mean 'copy-orders'?");
        refused(host.call("run", "copy-orders", "--json", "--dry-runn"));
    }

    private static JsonNode refused(TestHost.Called called) throws Exception {
        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("HINT: ");
        return new ObjectMapper().readTree(called.out());
    }

    @Test
    void aWrongCallIsExplainedInTwoLines() {
        TestHost.Called command = host.call("stats");
        TestHost.Called option = host.call("history", "--limit", "many");

        assertThat(command.exitStatus()).isEqualTo(2);
        assertThat(command.err())
                .startsWith("error: there is no command 'stats'")
                .contains("HINT: did you mean '");
        assertThat(option.exitStatus()).isEqualTo(2);
        assertThat(option.err().lines()).hasSize(2).last().asString().contains("HINT: 'watchkeeper history --help'");
    }

    @Test
    void ctrlCCancelsOnTheServerAndEndsWithFour() throws Exception {
        host.runbook("slow.groovy", "runbook('slow') { step('wait') { query 'shore', 'select pg_sleep(100)' } }\n");
        Process process = host.spawn("run", "slow");
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> sleeping().equals("1"));

            // SIGINT, as a terminal sends it.
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(host.spawnedOutput()).isEqualTo(4);
            assertThat(sleeping()).isEqualTo("0");
            assertThat(host.spawnedOutput()).contains("cancelled after");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void historyAndShowReadTheStoreWithoutAnAgent() throws Exception {
        host.runbook("copy.groovy", COPY);
        JsonNode run = new ObjectMapper()
                .readTree(host.call("run", "copy-orders", "--json").out());
        String id = run.get("runId").asText();

        TestHost.Called history = host.call("history", "copy-orders");
        TestHost.Called show = host.call("show", id.substring(0, 20));
        TestHost.Called json = host.call("history", "--json");

        assertThat(history.out()).contains(id, "succeeded");
        assertThat(show.out()).contains("✓ copy", "copied 500 rows");
        assertThat(new ObjectMapper().readTree(json.out()).get(0).has("steps")).isFalse();
    }

    private String sleeping() {
        return TestHost.ask(
                TestServers.shore(),
                host.shoreDatabase(),
                "select count(*) from pg_stat_activity where query like 'select pg_sleep(100)%' and state = 'active' and datname = current_database()");
    }
}
