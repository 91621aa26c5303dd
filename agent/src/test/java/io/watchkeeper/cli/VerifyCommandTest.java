package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables are compared by one command, as a run that is recorded. */
class VerifyCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        String tables = "create table a (id int primary key, name text); create table b (id int primary key);"
                + " insert into a select i, 'n' || i from generate_series(1, 20) i; insert into b values (1)";
        host.onShore(tables);
        host.onShip(tables);
    }

    @Test
    void tablesThatMatchExitWithZero() {
        TestHost.Called called = verify("--table", "public.*");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out()).containsPattern("shore → ship public\\.a   match at [0-9A-F]+/[0-9A-F]+   20 rows");
        assertThat(host.call("history").out()).contains("verify", "succeeded");
    }

    @Test
    void differencesExitWithOneAndAreInTheReport() throws Exception {
        host.onShip("update a set name = 'wrong' where id = 7");

        TestHost.Called called = verify("--table", "public.*", "--patience", "0s", "--repair", "plan", "--json");

        assertThat(called.exitStatus()).isEqualTo(1);
        JsonNode run = new ObjectMapper().readTree(called.out());
        assertThat(run.path("state").asText()).isEqualTo("failed");
        assertThat(run.at("/steps/0/results/0/differences").asInt()).isEqualTo(1);
        assertThat(run.at("/steps/0/results/0/differingKeys/0/key/id").asText()).isEqualTo("7");
        assertThat(run.at("/steps/0/results/0/repairSql").size()).isPositive();
        assertThat(reports()).extracting(path -> path.getFileName().toString()).contains("report.html", "report.json");
        assertThat(ship("select name from a where id = 7")).isEqualTo("wrong");
    }

    @Test
    void theyAreAWarningWhereThatIsAsked() {
        host.onShip("delete from a where id = 7");

        TestHost.Called called = verify("--table", "a", "--patience", "0s", "--report-only", "--by", "count");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out()).contains("public.a differs at ");
    }

    @Test
    void repairsAndExitsWithZero() {
        host.onShip("update a set name = 'wrong' where id = 7; insert into a values (99, 'ghost')");

        TestHost.Called called = verify(
                "--table", "a", "--patience", "0s", "--repair", "apply", "--max-deletes", "1", "--sample", "100%");

        assertThat(called.exitStatus()).as(called.out()).isZero();
        assertThat(called.out()).contains("2 differences found, 2 repaired");
        assertThat(ship("select count(*) || max(name) filter (where id = 7) from a"))
                .isEqualTo("20n7");
    }

    @Test
    void aVerificationThatCouldNotRunIsAFailure() {
        host.onShore("create table only_here (id int primary key)");

        TestHost.Called called = verify("--table", "only_here", "--report-only");

        assertThat(called.exitStatus()).isEqualTo(1);
        assertThat(called.out()).contains("only_here");
    }

    @Test
    void aDryRunChangesNothing() {
        host.onShip("update a set name = 'wrong' where id = 7");

        TestHost.Called called = verify("--table", "public.*", "--repair", "apply", "--dry-run");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out()).contains("Nothing was changed");
        assertThat(ship("select name from a where id = 7")).isEqualTo("wrong");
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingRuns() {
        assertRefused("did you mean 'keys'", "--table", "a", "--by", "key");
        assertRefused("did you mean 'apply'", "--table", "a", "--repair", "aply");
        assertRefused("--sample is '1'", "--table", "a", "--sample", "1");
        assertRefused("--max-deletes is 'many'", "--table", "a", "--max-deletes", "many");
        assertRefused("a sample of", "--table", "a", "--sample", "0%");
        assertThat(host.call("history").out()).doesNotContain("verify");
    }

    private List<Path> reports() throws Exception {
        try (Stream<Path> files = Files.walk(home)) {
            return files.filter(path -> path.toString().contains("/reports/") && Files.isRegularFile(path))
                    .toList();
        }
    }

    private TestHost.Called verify(String... options) {
        String[] call = new String[options.length + 5];
        System.arraycopy(new String[] {"verify", "--from", "shore", "--to", "ship"}, 0, call, 0, 5);
        System.arraycopy(options, 0, call, 5, options.length);
        return host.call(call);
    }

    private void assertRefused(String words, String... options) {
        TestHost.Called called = verify(options);
        assertThat(called.exitStatus()).as(called.err()).isEqualTo(2);
        assertThat(called.err()).contains(words);
    }

    private String ship(String sql) {
        return TestHost.ask(TestServers.ship(), host.shipDatabase(), sql);
    }
}
