package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database is dumped and restored by two commands, as runs that are recorded. */
class DumpCommandsTest {

    @TempDir
    private Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.onShore("create table a (id int primary key, name text);"
                + " insert into a select i, 'n' || i from generate_series(1, 20) i; create table b (id int)");
        host.writeConfig("backups: { repository: " + home.resolve("repository") + " }\n");
    }

    @Test
    void dumpsProvesAndRestores() throws Exception {
        TestHost.Called dumped = host.call(
                "backup",
                "dump",
                "--database",
                "shore",
                "--format",
                "directory",
                "--jobs",
                "2",
                "--test-restore",
                "--json");
        assertThat(dumped.exitStatus()).as(dumped.out() + dumped.err()).isZero();
        JsonNode run = new ObjectMapper().readTree(dumped.out());
        assertThat(run.path("runbook").asText()).isEqualTo("backup-dump");
        assertThat(run.at("/steps/0/results/0/restored").asBoolean()).isTrue();
        assertThat(run.at("/steps/0/results/0/rowsCompared").asInt()).isEqualTo(20);

        TestHost.Called preview = host.call("restore", "--database", "shore", "--into", "ship", "--dry-run");
        assertThat(preview.exitStatus()).as(preview.err()).isZero();
        assertThat(preview.out()).contains("COPY public.a FROM stdin");

        TestHost.Called restored = host.call("restore", "--database", "shore", "--into", "ship", "--table", "a");
        assertThat(restored.exitStatus()).as(restored.out() + restored.err()).isZero();
        TestHost.Called again = host.call("restore", "--database", "shore", "--into", "ship", "--table", "a");
        assertThat(again.exitStatus()).isEqualTo(1);
        assertThat(again.out() + again.err()).contains("has public.a already", "--clean");
    }

    @Test
    void refusesWhatCannotBeMeantBeforeAnythingIsRun() {
        assertThat(host.call("backup", "dump", "--database", "shroe").exitStatus())
                .isEqualTo(2);
        assertThat(host.call("backup", "dump", "--database", "shore", "--format", "zip")
                        .exitStatus())
                .isEqualTo(2);
        assertThat(host.call("backup", "dump", "--database", "shore", "--jobs", "2")
                        .exitStatus())
                .isEqualTo(2);
        assertThat(host.call("history").out()).doesNotContain("backup-dump");
    }
}
