package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NewCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
    }

    static Stream<String> templates() {
        return RunbookTemplate.ALL.stream().map(RunbookTemplate::word);
    }

    @ParameterizedTest
    @MethodSource("templates")
    void everyTemplateValidatesAndIsExplained(String template) throws IOException {
        TestHost.Called called = call("my-runbook", "--from", template);

        assertThat(called.exitStatus()).as(called.out() + called.err()).isZero();
        Path file = home.resolve("my-runbook.groovy");
        assertThat(Files.readString(file))
                .contains("runbook('my-runbook')", "// EDIT")
                .doesNotContain("{{", "}}");
        assertThat(host.call("validate", file.toString()).exitStatus()).isZero();
        assertThat(host.call("explain", file.toString()).out()).contains("my-runbook · ", " on every host");
    }

    @Test
    void theListHasOneLineForEachTemplate() throws IOException {
        TestHost.Called called = host.call("new", "--list");

        assertThat(called.exitStatus()).isZero();
        assertThat(called.out().lines()).hasSize(RunbookTemplate.ALL.size());
        assertThat(called.out()).contains(" sync        Keeps tables the same");
        JsonNode json =
                new ObjectMapper().readTree(host.call("new", "--list", "--json").out());
        assertThat(json).hasSize(RunbookTemplate.ALL.size());
    }

    /** A lag over the limit fails the step that tells of it, and what comes after a failed step is not begun. */
    @Test
    void lagIsRemediedBeforeItIsToldOf() throws IOException {
        call("lag", "--from", "lag");

        assertThat(Files.readString(home.resolve("lag.groovy")))
                .containsSubsequence("remediateLag('shore')", "replicationLag('shore')");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Path file = home.resolve("mine.groovy");
        Files.writeString(file, "precious");

        TestHost.Called called = call("mine", "--from", "sync");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("mine.groovy exists, and nothing is overwritten", "HINT:");
        assertThat(Files.readString(file)).isEqualTo("precious");
    }

    @Test
    void aNameThatIsTakenIsRefused() {
        host.runbook("other-file.groovy", "runbook('mine') { step('x') { log.info 'x' } }\n");

        TestHost.Called called = call("mine", "--from", "sync");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("there is a runbook 'mine' already");
        assertThat(home.resolve("mine.groovy")).doesNotExist();
    }

    @Test
    void namesOfDatabasesComeFromTheConfigurationAndAGuessIsSaid() throws IOException {
        call("a", "--from", "sync");
        assertThat(Files.readString(home.resolve("a.groovy")))
                .contains("from 'shore'", "to 'ship'")
                .doesNotContain("Configured are");

        TestHost.Called called = call("b", "--from", "backup");
        assertThat(called.out()).contains("database shore is a guess among shore, ship", "--database");
        assertThat(Files.readString(home.resolve("b.groovy")))
                .contains("baseBackup('shore')", "Configured are shore, ship.");

        assertThat(call("c", "--from", "backup", "--database", "ship").out()).doesNotContain("guess");
        assertThat(Files.readString(home.resolve("c.groovy"))).contains("baseBackup('ship')");

        call("d", "--from", "copy", "--source", "ship", "--target", "shore");
        assertThat(Files.readString(home.resolve("d.groovy"))).contains("from 'ship'", "to 'shore'");
    }

    @Test
    void whoIsOverwrittenIsNeverGuessedSilently() throws IOException {
        Files.writeString(
                host.config(),
                Files.readString(host.config())
                        .replaceAll("(?m)^( +)shore:", "$1alpha:")
                        .replaceAll("(?m)^( +)ship:", "$1beta:"));

        for (String template : new String[] {"copy", "sync"}) {
            TestHost.Called called = call("my-" + template, "--from", template);
            assertThat(called.out())
                    .contains("source alpha and target beta, whose rows are overwritten, is a guess among alpha, beta");
            assertThat(Files.readString(home.resolve("my-" + template + ".groovy")))
                    .contains("to 'beta'    // EDIT: this one is overwritten", "Configured are alpha, beta.");

            assertThat(call("one-" + template, "--from", template, "--target", "alpha")
                            .out())
                    .doesNotContain("guess");
            assertThat(Files.readString(home.resolve("one-" + template + ".groovy")))
                    .contains("from 'beta'", "to 'alpha'\n");
        }
    }

    @Test
    void wrongWordsAreSaidWithWhatWasMeantAndLeaveNothing() throws IOException {
        assertThat(call("a", "--from", "snyc").err()).contains("there is no template 'snyc'", "did you mean 'sync'?");
        assertThat(call("a", "--from", "backup", "--database", "shroe").err())
                .contains("database 'shroe' is not in the configuration", "did you mean 'shore'?");
        assertThat(call("../a", "--from", "backup").err()).contains("'../a' cannot be a runbook's name");
        assertThat(call("a").err()).contains("what 'a' is to do is missing", "--from sync");
        assertThat(host.call("new").err()).contains("the new runbook needs a name");
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files.filter(file -> file.toString().endsWith(".groovy")))
                    .isEmpty();
        }
    }

    @Test
    void aFolderThatIsNotThereIsSaid() {
        TestHost.Called called = host.call(
                "new", "a", "--from", "sync", "--into", home.resolve("nowhere").toString());

        assertThat(called.exitStatus()).isEqualTo(1);
        assertThat(called.err()).contains("nowhere/a.groovy cannot be written", "HINT:");
    }

    private TestHost.Called call(String... arguments) {
        String[] all = Stream.concat(
                        Stream.of("new"), Stream.concat(Arrays.stream(arguments), Stream.of("--into", home.toString())))
                .toArray(String[]::new);
        return host.call(all);
    }
}
