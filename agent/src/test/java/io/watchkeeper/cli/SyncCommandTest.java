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

/** Tables are kept the same by one command, as a run that is recorded. */
class SyncCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        String tables =
                "create table a (id int primary key, name text, at timestamptz default now()); create table b (id int primary key)";
        host.onShore(tables);
        host.onShip(tables);
        host.onShore("insert into a select i, 'n' || i from generate_series(1, 20) i; insert into b values (1)");
    }

    @Test
    void bringsWhatChangedAndSaysHowAndWhy() throws Exception {
        assertThat(sync("--table", "a", "b", "--json").exitStatus()).isZero();
        host.onShore("update a set name = 'changed' where id <= 3; delete from a where id = 20");

        TestHost.Called called = sync("--table", "public.a", "--verify");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out())
                .containsPattern(
                        "shore → ship public\\.a   3 rows changed, 1 deleted   \\d+ bytes   verified at [0-9A-F]+/")
                .contains("mode xmin: ");
        assertThat(ship("select count(*) || ' ' || count(*) filter (where name = 'changed') from a"))
                .isEqualTo("19 3");
        assertThat(host.call("history").out()).contains("sync", "succeeded");
    }

    @Test
    void takesEveryOption() throws Exception {
        TestHost.Called called = sync(
                "--table",
                "public.*",
                "--except",
                "public.b",
                "--mode",
                "hybrid",
                "--watermark",
                "at",
                "--overlap",
                "1m",
                "--where",
                "id < 11",
                "--columns",
                "id,name,at",
                "--key",
                "id",
                "--max-deletes",
                "12.5%",
                "--local-edits",
                "keep",
                "--follow-columns",
                "--one-snapshot",
                "--workers",
                "2",
                "--rate-limit",
                "2MB",
                "--timeout",
                "10m",
                "--json");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        JsonNode run = new ObjectMapper().readTree(called.out());
        assertThat(run.path("runbook").asText()).isEqualTo("sync");
        assertThat(run.at("/steps/0/results")).hasSize(1);
        assertThat(run.at("/steps/0/results/0/table").asText()).isEqualTo("public.a");
        assertThat(run.at("/steps/0/results/0/rowsWritten").asInt()).isEqualTo(10);
    }

    @Test
    void theBrakeFailsTheRunAndChangesNothing() {
        assertThat(sync("--table", "a").exitStatus()).isZero();
        host.onShore("truncate a");

        TestHost.Called stopped = sync("--table", "a");
        assertThat(stopped.exitStatus()).isEqualTo(1);
        assertThat(stopped.out()).contains("20", "HINT: ");
        assertThat(sync("--table", "a", "--max-deletes", "19").exitStatus()).isEqualTo(1);
        assertThat(ship("select count(*) from a")).isEqualTo("20");

        assertThat(sync("--table", "a", "--no-deletes").exitStatus()).isZero();
        assertThat(ship("select count(*) from a")).isEqualTo("20");
        host.onShore("insert into a values (21, 'new')");
        assertThat(sync("--table", "a", "--max-deletes", "100%").exitStatus()).isZero();
        assertThat(ship("select string_agg(id::text, ',') from a")).isEqualTo("21");
    }

    @Test
    void aDryRunSaysModeAndReasonAndChangesNothing() {
        TestHost.Called called = sync("--table", "public.*", "--dry-run");

        assertThat(called.exitStatus()).as(called.err()).isZero();
        assertThat(called.out()).contains("mode auto → ", "Nothing was changed");
        assertThat(ship("select count(*) from a")).isEqualTo("0");
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingRuns() {
        assertRefused("did you mean 'xmin'", "--table", "a", "--mode", "xmim");
        assertRefused("--mode timestamp needs a column", "--table", "a", "--mode", "timestamp");
        assertRefused("--max-deletes is 'many'", "--table", "a", "--max-deletes", "many");
        assertRefused("did you mean 'keep'", "--table", "a", "--local-edits", "kee");
        assertRefused("--overlap", "--table", "a", "--overlap", "soon");
        assertRefused("--table");
        TestHost.Called same = host.call("sync", "--from", "ship", "--to", "ship", "--table", "a");
        assertThat(same.exitStatus()).isEqualTo(2);
        assertThat(same.err()).contains("both name 'ship'");
        assertThat(host.call("history").out()).doesNotContain("sync");
    }

    private TestHost.Called sync(String... options) {
        String[] call = new String[options.length + 5];
        System.arraycopy(new String[] {"sync", "--from", "shore", "--to", "ship"}, 0, call, 0, 5);
        System.arraycopy(options, 0, call, 5, options.length);
        return host.call(call);
    }

    private void assertRefused(String words, String... options) {
        TestHost.Called called = sync(options);
        assertThat(called.exitStatus()).as(called.err()).isEqualTo(2);
        assertThat(called.err()).contains(words);
    }

    private String ship(String sql) {
        return TestHost.ask(TestServers.ship(), host.shipDatabase(), sql);
    }
}
