package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document and the packaged example say what the loader does. */
class ConfigurationDocumentTest {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @Test
    void documentHasEveryKeyAndNoOther() throws IOException {
        Matcher rows = Pattern.compile("^\\| `([A-Za-z.]+)`", Pattern.MULTILINE)
                .matcher(Files.readString(PROJECT.resolve("docs/configuration.md")));
        TreeSet<String> documented = new TreeSet<>();
        while (rows.find()) {
            documented.add(rows.group(1));
        }
        TreeSet<String> known = new TreeSet<>(ConfigLoader.knownKeys());
        // A block is documented by its keys.
        known.removeIf(key -> ConfigLoader.knownKeys().stream().anyMatch(other -> other.startsWith(key + ".")));

        assertThat(documented).isEqualTo(known);
    }

    @Test
    void packagedExampleIsValidAsItIs() throws IOException {
        assertThat(load(example())).isEqualTo("[]");
    }

    /** What an operator gets by taking the comment signs away: only things that are not on this machine may be missing. */
    @Test
    void packagedExampleKnowsOnlyRealKeysInItsComments() throws IOException {
        String uncommented = example().replaceAll("(?m)^#( *[A-Za-z-]+:.*)$", "$1");

        assertThat(uncommented).isNotEqualTo(example());
        assertThat(load(uncommented)).doesNotContain("unknown key", "YAML", "which is not", "is missing");
    }

    private static String example() throws IOException {
        return Files.readString(PROJECT.resolve("systemd/watchkeeper.yaml"));
    }

    private String load(String yaml) throws IOException {
        Path file = Files.writeString(
                folder.resolve("watchkeeper.yaml"), yaml.replace("/etc/watchkeeper/runbooks", folder.toString()));
        return new ConfigLoader(Map.of(), new AgentConfigBlock.Defaults("testhost", folder, folder))
                .load(file)
                .problems()
                .toString();
    }
}
