package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.config.ConfigurationDocument.Row;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The document and the packaged example say what the loader does. */
class ConfigurationDocumentTest {

    @TempDir
    Path folder;

    @Test
    void documentHasEveryKeyAndNoOther() {
        TreeSet<String> known = new TreeSet<>(ConfigLoader.knownKeys().keySet());
        // A block is documented by its keys.
        known.removeIf(
                key -> ConfigLoader.knownKeys().keySet().stream().anyMatch(other -> other.startsWith(key + ".")));

        assertThat(new TreeSet<>(ConfigurationDocument.rows().keySet())).isEqualTo(known);
    }

    static Stream<Row> rows() {
        return ConfigurationDocument.rows().values().stream().filter(row -> !row.isReserved());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void kindsAndBoundsAreThoseOfTheLoader(Row row) {
        KeyShape shape = Objects.requireNonNull(ConfigLoader.knownKeys().get(row.key()));
        String kind = row.kind();
        switch (shape.kind()) {
            case FLAG -> assertThat(kind).isEqualTo("flag");
            case PATH -> assertThat(kind).isEqualTo("path");
            case LIST -> assertThat(kind).startsWith("list");
            case NUMBER -> assertThat(kind).endsWith(shape.least() + " to " + shape.most());
            case DURATION -> {
                assertThat(kind).startsWith("duration");
                assertThat(kind.contains("at least ") ? parsed(shape, kind.split("at least ")[1]) : Duration.ZERO)
                        .isEqualTo(shape.least());
            }
            case SIZE -> {
                assertThat(kind).startsWith("size");
                if (!kind.equals("size")) {
                    String[] bounds = kind.substring("size, ".length()).split(" to ");
                    assertThat(parsed(shape, bounds[0])).isEqualTo(shape.least());
                    assertThat(parsed(shape, bounds[1])).isEqualTo(shape.most());
                }
            }
            case TEXT ->
                assertThat(kind)
                        .doesNotStartWith("duration")
                        .doesNotStartWith("size")
                        .isNotEqualTo("flag");
            case BLOCK -> throw new AssertionError("a block is documented by its keys");
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void defaultsAreThoseOfTheLoader(Row row) {
        KeyShape shape = Objects.requireNonNull(ConfigLoader.knownKeys().get(row.key()));
        String literal = row.literal().orElse("");
        if (shape.fallback() == null || ConfigLoader.knownKeys().containsKey(literal)) {
            return; // known to whoever asks for it alone, or that of another key
        }
        if (!literal.isEmpty()) {
            assertThat(parsed(shape, literal)).isEqualTo(shape.fallback());
        } else {
            assertThat(isOutside(shape) || row.fallback().startsWith("whether "))
                    .as("the loader takes %s, and the document says: %s", shape.fallback(), row.fallback())
                    .isTrue();
        }
    }

    /** What stands for none, because no file may say it. */
    private static boolean isOutside(KeyShape shape) {
        return (shape.fallback() instanceof Integer number && number < (Integer) Objects.requireNonNull(shape.least()))
                || (shape.fallback() instanceof Bytes size
                        && size.compareTo((Bytes) Objects.requireNonNull(shape.least())) < 0)
                || (shape.fallback() instanceof Duration time
                        && time.compareTo((Duration) Objects.requireNonNull(shape.least())) < 0);
    }

    private static Object parsed(KeyShape shape, String text) {
        return switch (shape.kind()) {
            case FLAG -> Boolean.valueOf(text);
            case NUMBER -> Integer.valueOf(text);
            case DURATION -> DurationText.parse(text).orElseThrow();
            case SIZE -> Bytes.parse(text).orElseThrow();
            default -> text;
        };
    }

    @Test
    void packagedExampleIsValidAsItIs() throws IOException {
        assertThat(load(example())).isEqualTo("[]");
    }

    /** What an operator gets by taking the comment signs away: only things that are not on this machine may be missing. */
    @Test
    void packagedExampleKnowsOnlyRealKeysInItsComments() throws IOException {
        String uncommented = ConfigurationDocument.wholeExample();

        assertThat(uncommented).isNotEqualTo(example());
        assertThat(load(uncommented)).doesNotContain("unknown key", "YAML", "which is not", "is missing");
    }

    private static String example() {
        return ConfigurationDocument.read("systemd/watchkeeper.yaml");
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
