package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sudo lets the agent run as the owner of a data directory. */
class AsOwnerTest {

    private static final Path PSQL = Path.of("/usr/lib/postgresql/15/bin/psql");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bin/sh",
                "sh",
                "pg_ctl",
                "/tmp/usr/lib/postgresql/15/bin/pg_ctl",
                "/usr/lib/postgresql/15/bin/../../../../bin/sh",
                "/usr/lib/postgresql/../../../tmp/bin/pg_ctl",
                "/usr/lib/postgresql/15/bin/initdb"
            })
    void runsNoOtherProgram(String program) throws Exception {
        Process refused = asOwner(program, "-c", "echo it ran");
        refused.getOutputStream().close();

        assertThat(refused.waitFor()).isEqualTo(126);
        assertThat(text(refused))
                .contains("as-owner: " + program + " is none of the programs")
                .doesNotContain("it ran");
    }

    @Test
    void passesOnWhatTheProgramEndsWith() throws Exception {
        assertThat(asOwner("/usr/bin/test", "-r", "/etc/passwd").waitFor()).isZero();
        assertThat(asOwner("/usr/bin/test", "-r", "/nonexistent").waitFor()).isEqualTo(1);
    }

    @Test
    void endsTheProgramWhenTheAgentIsGone() throws Exception {
        assumeTrue(Files.isExecutable(PSQL), "PostgreSQL 15's programs are not installed");
        String mark = "as-owner-test-" + ProcessHandle.current().pid();
        String address = TestServers.shore().url("postgres").replaceFirst("^jdbc:", "");
        ProcessBuilder builder =
                builder(PSQL.toString(), "-X", "-U", "postgres", address, "-c", "select pg_sleep(600)");
        builder.environment().put("PGAPPNAME", mark);
        // Or the query would go on without its client, on a server that other tests share.
        builder.environment().put("PGOPTIONS", "-c client_connection_check_interval=100");
        Process process = builder.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> sessions(mark) == 1);

        List<ProcessHandle> started = process.toHandle().descendants().toList();

        process.getOutputStream().close();

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        assertThat(started).isNotEmpty();
        await().atMost(Duration.ofSeconds(20)).until(() -> started.stream().noneMatch(ProcessHandle::isAlive));
        await().atMost(Duration.ofSeconds(20)).until(() -> sessions(mark) == 0);
    }

    private static int sessions(String application) throws SQLException {
        try (Connection connection = TestServers.connect(TestServers.shore(), "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select count(*) from pg_stat_activity where application_name = '" + application + "'")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static Process asOwner(String... words) throws IOException {
        return builder(words).start();
    }

    private static ProcessBuilder builder(String... words) {
        List<String> command = new ArrayList<>(List.of("bin/as-owner"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
