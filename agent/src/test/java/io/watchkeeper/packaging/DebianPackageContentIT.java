package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.files.FileDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What is in the package of this build, looked at without installing it. */
@EnabledIf("hasDpkg")
class DebianPackageContentIT {

    private static final long LARGEST = 45_000_000;

    @TempDir
    static Path content;

    static boolean hasDpkg() {
        return Files.isExecutable(Path.of("/usr/bin/dpkg-deb"));
    }

    @BeforeAll
    static void unpack() {
        output("dpkg-deb", "-x", DebianHost.builtPackage().toString(), content.toString());
    }

    @Test
    void takesNoMoreRoomThanPromised() throws IOException {
        try (Stream<Path> files = Files.walk(content)) {
            long bytes = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
            assertThat(bytes).isBetween(LARGEST / 4, LARGEST);
        }
    }

    @Test
    void bringsManualCompletionMonitoringAndLicences() throws IOException {
        assertThat(content.resolve("usr/share/man/man1"))
                .isDirectoryContaining("glob:**/watchkeeper.1.gz")
                .isDirectoryContaining("glob:**/watchkeeper-backup-list.1.gz");
        assertThat(content.resolve("usr/share/bash-completion/completions/watchkeeper"))
                .content()
                .contains("complete -F _complete_watchkeeper");
        assertThat(content.resolve("usr/share/zsh/vendor-completions/_watchkeeper"))
                .content()
                .startsWith("#compdef watchkeeper");
        assertThat(content.resolve("usr/share/doc/watchkeeper/licences")).isDirectoryContaining("glob:**/groovy-*");
        for (String folder : List.of("monitoring", "agent/src/main/resources/editor")) {
            Path source = Path.of("..", folder);
            if (Files.isDirectory(source)) {
                assertThat(content.resolve("usr/share/watchkeeper").resolve(source.getFileName()))
                        .isNotEmptyDirectory();
            }
        }
    }

    @Test
    void bringsTheSchemaThatItsConfigurationNames() throws IOException {
        String first = Files.readAllLines(content.resolve("etc/watchkeeper/watchkeeper.yaml"))
                .get(0);

        assertThat(content.resolve(first.substring(first.indexOf("$schema=/") + "$schema=/".length())))
                .isRegularFile();
    }

    @Test
    void listsTheLibrariesThatItHasInItsBillOfMaterials() throws IOException {
        JsonNode bill = new ObjectMapper()
                .readTree(content.resolve("usr/share/watchkeeper/watchkeeper.cdx.json")
                        .toFile());
        Map<String, String> listed = new TreeMap<>();
        for (JsonNode component : bill.path("components")) {
            for (JsonNode hash : component.path("hashes")) {
                if (hash.path("alg").asText().equals("SHA-256")) {
                    listed.put(
                            component.path("name").asText() + "-"
                                    + component.path("version").asText() + ".jar",
                            hash.path("content").asText());
                }
            }
        }
        Map<String, String> built = new TreeMap<>();
        try (Stream<Path> jars = Files.list(Path.of("target/lib"))) {
            jars.forEach(jar -> built.put(jar.getFileName().toString(), digest(jar)));
        }

        assertThat(listed)
                .as("systemd/watchkeeper.cdx.json; mvn -Pbill-of-materials package -DskipTests writes it anew")
                .isEqualTo(built);
        try (Stream<Path> jars = Files.list(content.resolve("usr/share/watchkeeper/lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(built.keySet());
        }
    }

    @Test
    void hasOneUnitTwice() throws IOException {
        Path units = content.resolve("lib/systemd/system");

        assertThat(settings(units.resolve("watchkeeper@.service")))
                .isEqualTo(settings(units.resolve("watchkeeper.service")));
    }

    @Test
    void letsNobodyButItsOwnersWriteAnything() {
        assertThat(output("dpkg-deb", "-c", DebianHost.builtPackage().toString())
                        .lines()
                        .filter(line -> line.startsWith("-") || line.startsWith("d")))
                .allMatch(line -> line.matches(".[rwx-]{4}-..-..*") && line.contains(" root/root "));
    }

    /** Without comments, and without what must differ between the one agent of a host and one of several. */
    private static List<String> settings(Path unit) throws IOException {
        return Files.readAllLines(unit).stream()
                .filter(line -> !line.startsWith("#")
                        && !line.matches("(Description|ExecStart|StateDirectory|WorkingDirectory|LoadCredential)=.*"))
                .collect(Collectors.toList());
    }

    private static String digest(Path file) {
        try {
            return FileDigest.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String output(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
