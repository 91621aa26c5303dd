package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The number of workers to ask for is measured by one command, as a run that is recorded. */
class BenchWorkersCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.onShore("create table a (id int primary key, name text)");
        host.onShip("create table a (id int primary key, name text)");
        host.onShore("insert into a select i, 'n' || i from generate_series(1, 5000) i; analyze a");
        host.onShip("insert into a values (99, 'old')");
    }

    @Test
    void printsTheTableAndTheRecommendation() {
        TestHost.Called called = bench("--table", "a", "--max", "2", "--rows", "5000");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out())
                .contains("rows/s", "MB/s", "gain", "waiting for shore", "waiting for ship")
                .containsPattern("(?m)^ +1 +[\\d ]+ +[\\d.]+ +1\\.00 ")
                .containsPattern("(?m)^ +2 +[\\d ]+ +[\\d.]+ +\\d+\\.\\d\\d ")
                .containsPattern("Recommended: workers [12]   \\(.+\\)")
                .contains("bench", "succeeded");
        assertThat(host.call("history").out()).contains("bench", "succeeded");
        assertThat(ship("select string_agg(name, ',') from a")).isEqualTo("old");
    }

    @Test
    void printsOneDocumentWhenAskedForJson() throws Exception {
        TestHost.Called called = bench("--table", "public.a", "--max", "2", "--rows", "5000", "--json");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        JsonNode run = new ObjectMapper().readTree(called.out());
        assertThat(run.path("runbook").asText()).isEqualTo("bench");
        JsonNode result = run.at("/steps/0/results/0");
        assertThat(result.path("verb").asText()).isEqualTo("benchWorkers");
        assertThat(result.path("measured")).hasSize(2);
        assertThat(result.path("line").asText())
                .isEqualTo("workers " + result.path("workers").asInt());
    }

    @Test
    void aDryRunChangesNothing() {
        TestHost.Called called = bench("--table", "a", "--dry-run");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out())
                .contains("CREATE TABLE watchkeeper.bench_", "DROP TABLE IF EXISTS", "Nothing was changed")
                .doesNotContain("Recommended");
        assertThat(ship("select to_regnamespace('watchkeeper') is null")).isEqualTo("t");
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingRuns() {
        assertRefused("did you mean 'ship'", "--to", "shipp", "--table", "a");
        assertRefused("--max is 0", "--to", "ship", "--table", "a", "--max", "0");
        assertRefused("--rows is 0", "--to", "ship", "--table", "a", "--rows", "0");
        assertRefused("--table", "--to", "ship");
        TestHost.Called alone = host.call("bench");
        assertThat(alone.exitStatus()).isEqualTo(2);
        assertThat(alone.err()).contains("Missing required subcommand", "watchkeeper bench --help");
        assertThat(host.call("history").out()).doesNotContain("bench");
    }

    @Test
    void aMissingTableFails() {
        TestHost.Called called = bench("--table", "b");

        assertThat(called.exitStatus()).isEqualTo(1);
        assertThat(called.out()).contains("there is no table public.b");
    }

    private void assertRefused(String words, String... arguments) {
        List<String> call = new ArrayList<>(List.of("bench", "workers", "--from", "shore"));
        call.addAll(List.of(arguments));
        TestHost.Called called = host.call(call.toArray(String[]::new));
        assertThat(called.exitStatus()).as(called.err()).isEqualTo(2);
        assertThat(called.err()).contains(words);
    }

    private TestHost.Called bench(String... arguments) {
        List<String> call = new ArrayList<>(List.of("bench", "workers", "--from", "shore", "--to", "ship"));
        call.addAll(List.of(arguments));
        return host.call(call.toArray(String[]::new));
    }

    private String ship(String sql) {
        return TestHost.ask(TestServers.ship(), host.shipDatabase(), sql);
    }
}
