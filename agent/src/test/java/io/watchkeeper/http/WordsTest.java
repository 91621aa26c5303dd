package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The bundles of the page say the same things. */
class WordsTest {

    @Test
    void everyTextExistsInBothLanguagesWithTheSameHoles() throws IOException {
        Properties english = bundle("page.properties");
        Properties korean = bundle("page_ko.properties");
        assertThat(korean.stringPropertyNames()).isEqualTo(english.stringPropertyNames());
        for (String key : english.stringPropertyNames()) {
            assertThat(holes(korean.getProperty(key))).as(key).isEqualTo(holes(english.getProperty(key)));
        }
    }

    private static Set<String> holes(String text) {
        return Pattern.compile("\\{\\d}")
                .matcher(text)
                .results()
                .map(r -> r.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Properties bundle(String name) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = WordsTest.class.getResourceAsStream("/io/watchkeeper/http/page/" + name)) {
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        }
        return properties;
    }
}
