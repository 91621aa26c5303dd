package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {

    private static final String TWO_MISTAKES = """
            runbook('nightly') {
                schedule {
                    corn '0 0 2 * * ?'
                }
                step('a') {
                    query 'shroe', 'select 1'
                }
            }
            """;

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
    }

    @Test
    void saysAllProblemsOfAllFilesAtOnce() {
        host.runbook("a.groovy", TWO_MISTAKES);
        host.runbook("b.groovy", "runbook('b') { step('x') { 'ls'.execute() } }\n");
        host.runbook("c.groovy", "runbook('c') { step('x') { query 'shore', 'select 1' } }\n");

        TestHost.Called called = host.call("validate");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.out())
                .contains("a.groovy:3:9: unknown option 'corn' in 'schedule'")
                .contains("HINT: did you mean 'cron'?")
                .contains("a.groovy:6:15: database 'shroe' is not in the configuration")
                .contains("b.groovy:1:")
                .contains("problems in 2 of 3 files. Nothing was run.");
    }

    @Test
    void aGoodFolderIsZero() {
        host.runbook("c.groovy", "runbook('c') { step('x') { query 'shore', 'select 1' } }\n");

        TestHost.Called called = host.call("validate");

        assertThat(called.exitStatus()).as(called.out()).isZero();
        assertThat(called.out()).contains("1 runbook in 1 file, no problems.");
    }

    @Test
    void configurationAndRunbooksAreCheckedTogether() {
        host.writeConfig("htpp: { listen: x }\n");
        Path file = host.runbook("a.groovy", TWO_MISTAKES);

        TestHost.Called called = host.call("validate", file.toString());

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.out())
                .contains("htpp")
                .contains("did you mean 'http'?")
                .contains("corn");
    }

    @Test
    void jsonListsProblemsWithTheirPlaces() throws Exception {
        Path file = host.runbook("a.groovy", TWO_MISTAKES);

        TestHost.Called called = host.call("validate", "--json", file.toString());

        JsonNode document = new ObjectMapper().readTree(called.out());
        assertThat(document.get("problems")).hasSize(2);
        assertThat(document.get("problems").get(0).get("line").asInt()).isEqualTo(3);
        assertThat(document.get("problems").get(0).get("hint").asText()).contains("cron");
    }

    @Test
    void aMissingPathIsAProblem() {
        TestHost.Called called = host.call("validate", home.resolve("nowhere").toString());

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.out()).contains("nowhere");
    }
}
