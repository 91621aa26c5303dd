package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials of the service, as a command on a terminal finds them. */
class UnitCredentialsTest {

    @TempDir
    Path run;

    @Test
    void findsTheFolderOfTheUnitThatTheConfigurationBelongsTo() throws IOException {
        Path host = Files.createDirectory(run.resolve("watchkeeper.service"));
        Path instance = Files.createDirectory(run.resolve("watchkeeper@crew.service"));

        assertThat(folder(Map.of(), "/etc/watchkeeper/watchkeeper.yaml")).isEqualTo(host.toString());
        assertThat(folder(Map.of(), "/etc/watchkeeper/crew/watchkeeper.yaml")).isEqualTo(instance.toString());
    }

    @Test
    void leavesWhatTheEnvironmentSays() throws IOException {
        Files.createDirectory(run.resolve("watchkeeper.service"));

        assertThat(folder(Map.of("CREDENTIALS_DIRECTORY", "/run/other"), "/etc/watchkeeper/watchkeeper.yaml"))
                .isEqualTo("/run/other");
    }

    @Test
    void saysWhatToDoWhereTheServiceDoesNotRun() throws IOException {
        Path config = run.resolve("watchkeeper.yaml");
        Files.writeString(
                config,
                "databases: { a: { url: 'jdbc:postgresql://127.0.0.1/a', passwordFile: '${CREDENTIALS_DIRECTORY}/a' } }\n");

        assertThat(new ConfigLoader(Map.of()).load(config).problems())
                .filteredOn(problem -> problem.message().contains("CREDENTIALS_DIRECTORY is not set"))
                .singleElement()
                .extracting(Problem::hint)
                .asString()
                .contains("start that", "as root");
    }

    @Test
    void readsWhatCredentialsAreMadeOfWhileTheServiceDoesNotRun() throws IOException {
        Path password = Files.createDirectory(run.resolve("credentials")).resolve("shore.password");
        Files.writeString(password, "of the test\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Path config = run.resolve("watchkeeper.yaml");
        Files.writeString(
                config,
                "databases: { a: { url: 'jdbc:postgresql://127.0.0.1/a', passwordFile: '${CREDENTIALS_DIRECTORY}/secret_shore.password' } }\nrunbooks: "
                        + run + "\n");

        AgentConfig read = new ConfigLoader(Map.of()).load(config).config().orElseThrow();

        assertThat(read.databases().get(0).password()).isEqualTo(Secret.of("of the test"));
    }

    private String folder(Map<String, String> environment, String config) {
        return new UnitCredentials(run).addTo(environment, Path.of(config)).getOrDefault("CREDENTIALS_DIRECTORY", "");
    }
}
