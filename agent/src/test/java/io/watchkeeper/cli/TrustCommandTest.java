package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.runbook("a.groovy", runbook("a", "one"));
    }

    private static String runbook(String name, String description) {
        return "runbook('" + name + "') { description '" + description + "'; step('x') { } }";
    }

    private void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    @Test
    void aSignedListIsAcceptedAndWhatChangesAfterwardsIsNot() throws Exception {
        run("minisign", "-G", "-W", "-p", home + "/key.pub", "-s", home + "/key");
        List<String> key = Files.readAllLines(home.resolve("key.pub"));
        host.writeConfig("trust: { minisignKey: " + key.get(1) + " }\n");
        assertThat(host.call("run", "a").exitStatus()).isEqualTo(ExitStatus.USAGE);

        TestHost.Called signed =
                host.call("trust", "sign", "--minisign-key", home.resolve("key").toString());

        assertThat(signed.exitStatus()).as(signed.err()).isZero();
        assertThat(signed.out()).contains("runbooks.sha256 lists 1 runbooks.");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(host.runbooks().resolve("runbooks.sha256"))))
                .isEqualTo("rw-r--r--");
        TestHost.Called verified = host.call("trust", "verify");
        assertThat(verified.exitStatus()).as(verified.err()).isZero();
        assertThat(verified.out()).contains("lists 1 files, signed: timestamp:", "1 of 1 runbooks would be loaded.");
        assertThat(host.call("run", "a").exitStatus()).isZero();

        host.runbook("a.groovy", runbook("a", "two"));
        host.runbook("b.groovy", runbook("b", "planted"));

        TestHost.Called refused = host.call("trust", "verify");
        assertThat(refused.exitStatus()).isEqualTo(ExitStatus.FAILED);
        assertThat(refused.err())
                .contains(
                        "a.groovy: it is not as the list of checksums", "b.groovy: it is not in the list of checksums");
        assertThat(refused.out()).contains("0 of 2 runbooks would be loaded.");
        assertThat(host.call("run", "b").exitStatus()).isEqualTo(ExitStatus.USAGE);
        assertThat(host.call("doctor").out()).contains("b.groovy", "it is not in the list of checksums");
        assertThat(host.call("validate").exitStatus())
                .as("looking at what is not signed yet")
                .isZero();

        host.call("trust", "sign");
        assertThat(host.call("trust", "verify").err()).contains("is not signed, and the configuration requires it");
    }

    @Test
    void showsWhatEachRunbookIsJudgedBy() throws Exception {
        Files.setPosixFilePermissions(
                host.runbook("b.groovy", runbook("b", "open")), PosixFilePermissions.fromString("rw-rw-rw-"));

        JsonNode runbooks = new ObjectMapper()
                .readTree(host.call("trust", "list", "--json").out())
                .path("runbooks");

        assertThat(runbooks).hasSize(2);
        assertThat(runbooks.get(0).path("state").asText()).isEqualTo("loaded");
        assertThat(runbooks.get(0).path("sha256").asText()).hasSize(64);
        assertThat(runbooks.get(1).path("mode").asText()).isEqualTo("rw-rw-rw-");
        assertThat(runbooks.get(1).path("state").asText()).startsWith("every user of this host can write to it");
        assertThat(host.call("trust", "sign").exitStatus())
                .as("nobody vouches for what everybody can write")
                .isEqualTo(ExitStatus.FAILED);
    }
}
