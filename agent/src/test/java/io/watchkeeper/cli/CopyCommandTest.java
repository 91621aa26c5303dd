package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables are copied by one command, as a run that is recorded. */
class CopyCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        String tables = "create table a (id int primary key, name text); create table b (id int primary key)";
        host.onShore(tables);
        host.onShip(tables);
        host.onShore("insert into a select i, 'n' || i from generate_series(1, 20) i; insert into b values (1)");
        host.onShip("insert into a values (99, 'old')");
    }

    @Test
    void copiesVerifiesAndRecords() throws Exception {
        TestHost.Called called =
                host.call("copy", "--from", "shore", "--to", "ship", "--table", "public.a", "public.b", "--json");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        JsonNode run = new ObjectMapper().readTree(called.out());
        assertThat(run.path("runbook").asText()).isEqualTo("copy");
        assertThat(run.at("/steps/0/results/0/table").asText()).isEqualTo("public.a");
        assertThat(run.at("/steps/0/results/0/verified").asBoolean()).isTrue();
        assertThat(ship("select count(*) from a")).isEqualTo("20");
        assertThat(ship("select count(*) from b")).isEqualTo("1");
        assertThat(host.call("history").out()).contains("copy", "succeeded");
    }

    @Test
    void takesConditionsColumnsAndKeepsRowsWhenAsked() {
        TestHost.Called called = host.call(
                "copy",
                "--from",
                "shore",
                "--to",
                "ship",
                "--table",
                "a",
                "--where",
                "id < 3",
                "--columns",
                "id,name",
                "--append",
                "--rate-limit",
                "2MB",
                "--no-analyze");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out()).contains("2 rows");
        assertThat(ship("select string_agg(id::text, ',' order by id) from a")).isEqualTo("1,2,99");
    }

    @Test
    void copiesInChunksWhenAsked() throws Exception {
        TestHost.Called called = host.call(
                "copy",
                "--from",
                "shore",
                "--to",
                "ship",
                "--table",
                "a",
                "--resume",
                "--batch",
                "5",
                "--workers",
                "2",
                "--json");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        JsonNode run = new ObjectMapper().readTree(called.out());
        assertThat(run.at("/steps/0/results/0/chunks").asInt()).isEqualTo(4);
        assertThat(ship("select count(*) from a")).isEqualTo("20");
    }

    @Test
    void refusesNumbersThatMakeNoSense() {
        TestHost.Called called =
                host.call("copy", "--from", "shore", "--to", "ship", "--table", "a", "--resume", "--batch", "0");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("--batch is 0", "HINT: give 1 or more");
    }

    @Test
    void mergesWhenAsked() {
        TestHost.Called called = host.call(
                "copy", "--from", "shore", "--to", "ship", "--table", "a", "--strategy", "merge", "--key", "id");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(ship("select count(*) from a where id in (1, 20, 99)")).isEqualTo("3");
    }

    @Test
    void aDryRunChangesNothing() {
        TestHost.Called called =
                host.call("copy", "--from", "shore", "--to", "ship", "--table", "public.*", "--dry-run");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out()).contains("TRUNCATE ONLY public.a", "Nothing was changed");
        assertThat(ship("select string_agg(id::text, ',') from a")).isEqualTo("99");
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingRuns() {
        assertRefused("did you mean 'shore'", "copy", "--from", "shroe", "--to", "ship", "--table", "a");
        assertRefused("both name 'ship'", "copy", "--from", "ship", "--to", "ship", "--table", "a");
        assertRefused("--rate-limit", "copy", "--from", "shore", "--to", "ship", "--table", "a", "--rate-limit", "0");
        assertRefused(
                "did you mean 'merge'",
                "copy",
                "--from",
                "shore",
                "--to",
                "ship",
                "--table",
                "a",
                "--strategy",
                "merg");
        assertRefused("--timeout", "copy", "--from", "shore", "--to", "ship", "--table", "a", "--timeout", "soon");
        assertRefused("--table", "copy", "--from", "shore", "--to", "ship");
        assertThat(host.call("history").out()).doesNotContain("copy");
    }

    @Test
    void aMissingTableFailsAndSaysWhichWasMeant() {
        host.onShore("create table documents (id int)");

        TestHost.Called called = host.call("copy", "--from", "shore", "--to", "ship", "--table", "document");

        assertThat(called.exitStatus()).isEqualTo(1);
        assertThat(called.out()).contains("there is no table public.document", "did you mean 'public.documents'?");
    }

    private void assertRefused(String words, String... call) {
        TestHost.Called called = host.call(call);
        assertThat(called.exitStatus()).as(called.err()).isEqualTo(2);
        assertThat(called.err()).contains(words);
    }

    private String ship(String sql) {
        return TestHost.ask(TestServers.ship(), host.shipDatabase(), sql);
    }
}
