package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SloBlockTest {

    private static final String SHORE = "databases: { shore: { url: 'jdbc:postgresql://h/d' } }\n";

    @TempDir
    Path folder;

    @Test
    void nothingIsWatchedUnlessItIsSaid() throws IOException {
        assertThat(slo("").databases()).isEmpty();
        assertThat(slo("slo: { every: 30s }").databases()).isEmpty();
    }

    @Test
    void anEmptyBlockPromisesTheUsual() throws IOException {
        Promises slo = slo("slo: { databases: { shore: {} } }");

        assertThat(slo.every()).isEqualTo(Duration.ofMinutes(1));
        assertThat(slo.databases()).isEqualTo(Map.of("shore", Promise.USUAL));
    }

    @Test
    void everyPromiseCanBeAnother() throws IOException {
        assertThat(
                        slo("slo: { every: 30s, databases: { shore: { readP95: 5ms, writeP95: 1s, errors: 0.01%, rollbacks: false,"
                                        + " probe: false, probes: 3 } } }")
                                .databases())
                .containsEntry(
                        "shore",
                        new Promise(Duration.ofMillis(5), Duration.ofSeconds(1), Ratio.percent(0.01), false, false, 3));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            databases: { shroe: {} }                          | 'slo.databases.shroe': there is no database 'shroe' in this configuration
            databases: { shore: { errors: 0% } }              | 'slo.databases.shore.errors' is '0%', which is not a share from above 0 to 100 %
            databases: { shore: { errors: 0.5 } }             | 'slo.databases.shore.errors' is '0.5', which is not a share from above 0 to 100 %
            databases: { shore: { errors: 101% } }            | 'slo.databases.shore.errors' is '101%', which is not a share from above 0 to 100 %
            every: 10 min                                     | 'slo.every' is 10 min, which is longer than the 5 min that are judged
            every: 9s                                         | 'slo.every' is '9s', which is not a duration of at least 10 s
            databases: { shore: { probes: 3 } }               | 'slo.databases.shore.probes' is 3, which makes 15 in 5 min; fewer than 20 say nothing
            databases: { shore: { write95: 3s } }             | unknown key 'write95' in 'slo.databases.shore'
            """)
    void whatCannotBeMeantIsRefused(String block, String message) throws IOException {
        assertThat(messages("slo: { " + block + " }")).containsExactly(message);
    }

    private Promises slo(String yaml) throws IOException {
        ConfigLoader.Loaded loaded = load(yaml);
        assertThat(loaded.problems()).isEmpty();
        return loaded.config().orElseThrow().slo();
    }

    private List<String> messages(String yaml) throws IOException {
        return load(yaml).problems().stream().map(problem -> problem.message()).toList();
    }

    private ConfigLoader.Loaded load(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("watchkeeper.yaml"), SHORE + yaml + "\n");
        return new ConfigLoader(Map.of(), new AgentConfigBlock.Defaults("testhost", folder, folder)).load(file);
    }
}
