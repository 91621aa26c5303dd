package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private String folder(Map<String, String> environment, String config) {
        return new UnitCredentials(run).addTo(environment, Path.of(config)).getOrDefault("CREDENTIALS_DIRECTORY", "");
    }
}
