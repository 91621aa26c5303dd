package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SECURITY.md promises nothing that no test holds. */
class SecurityDocumentTest {

    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+Test)(?:\\.(\\w+))?");

    private static List<String> promises() throws IOException {
        String document = Files.readString(Path.of("../SECURITY.md"));
        String promises = document.substring(document.indexOf("## Promises"));
        int end = promises.indexOf("\n## ", 1);
        List<String> all = new ArrayList<>();
        for (String one : (end < 0 ? promises : promises.substring(0, end)).split("\n(?=- )", -1)) {
            if (one.startsWith("- ")) {
                all.add(one);
            }
        }
        return all;
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        return sources;
    }

    @Test
    void eachPromiseNamesATest() throws IOException {
        assertThat(promises())
                .hasSizeGreaterThan(20)
                .allMatch(promise -> TEST.matcher(promise).find());
    }

    @Test
    void eachTestThatIsNamedExists() throws IOException {
        Map<String, String> sources = sources();
        List<String> absent = new ArrayList<>();
        for (String promise : promises()) {
            Matcher named = TEST.matcher(promise);
            while (named.find()) {
                String source = sources.get(named.group(1));
                if (source == null || (named.group(2) != null && !source.contains("void " + named.group(2) + "("))) {
                    absent.add(named.group());
                }
            }
        }
        assertThat(absent).as("tests that SECURITY.md names").isEmpty();
    }
}
