package io.watchkeeper.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables of keys in docs/configuration.md. */
final class ConfigurationDocument {

    static final Path PROJECT = Path.of("").toAbsolutePath().endsWith("agent")
            ? Path.of("..").toAbsolutePath().normalize()
            : Path.of("").toAbsolutePath();

    private static final Pattern ROW = Pattern.compile(
            "^\\| `([A-Za-z0-9.]+)` \\|([^|]*)\\|([^|]*)\\|([^|]*)\\|$|^\\| `([A-Za-z0-9]+\\.[A-Za-z0-9.]+)`.*$",
            Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** @param fallback as the column {@code default} has it */
    record Row(String key, String kind, String fallback, String meaning) {

        /** The value that the default begins with; empty where it is described. */
        Optional<String> literal() {
            Matcher code = CODE.matcher(fallback);
            return code.lookingAt() ? Optional.of(code.group(1)) : Optional.empty();
        }

        /** Whether the default is that value in any case. */
        boolean isPlain() {
            return fallback.matches("`[^`]+`");
        }

        /** The words that the value may be; empty for any. */
        List<String> choices() {
            return kind.matches("`[^`]+`((, | or )`[^`]+`)+")
                    ? CODE.matcher(kind).results().map(found -> found.group(1)).toList()
                    : List.of();
        }

        boolean isRequired() {
            return fallback.equals("required");
        }

        boolean isReserved() {
            return fallback.equals("reserved");
        }

        /** Without what only a page can show. */
        String plainMeaning() {
            return meaning.replaceAll("\\[([^\\]]+)]\\([^)]*\\)", "$1").replace("`", "'");
        }
    }

    private ConfigurationDocument() {}

    /** By key, in the order of the document. */
    static Map<String, Row> rows() {
        Map<String, Row> rows = new LinkedHashMap<>();
        Matcher row = ROW.matcher(read("docs/configuration.md"));
        while (row.find()) {
            if (row.group(1) == null) {
                throw new AssertionError("not a row of four cells: " + row.group());
            }
            rows.put(
                    row.group(1),
                    new Row(
                            row.group(1),
                            row.group(2).strip(),
                            row.group(3).strip(),
                            row.group(4).strip()));
        }
        return rows;
    }

    static String read(String file) {
        try {
            return Files.readString(PROJECT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The packaged example with all that it has in comments. */
    static String wholeExample() {
        return read("systemd/watchkeeper.yaml")
                .replaceAll("(?m)^#(?! yaml-language-server)( *[A-Za-z0-9-]+:.*)$", "$1");
    }
}
