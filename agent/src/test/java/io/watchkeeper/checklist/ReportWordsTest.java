package io.watchkeeper.checklist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

/** The bundles of the report say the same things. */
class ReportWordsTest {

    @Test
    void everyTextExistsInBothLanguagesWithTheSameHoles() {
        ResourceBundle english = bundle(Locale.ENGLISH);
        ResourceBundle korean = bundle(Locale.KOREAN);
        assertThat(korean.getLocale()).isEqualTo(Locale.KOREAN);
        for (String key : english.keySet()) {
            // Every key of the child is asked of the child itself, not of its parent.
            assertThat(((java.util.PropertyResourceBundle) korean).handleGetObject(key))
                    .as(key)
                    .isNotNull();
            for (int hole = 0; hole < 5; hole++) {
                String text = "{" + hole + "}";
                assertThat(korean.getString(key).contains(text))
                        .as(key + " " + text)
                        .isEqualTo(english.getString(key).contains(text));
            }
        }
    }

    private static ResourceBundle bundle(Locale language) {
        return ResourceBundle.getBundle(
                "io.watchkeeper.checklist.report",
                language,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }
}
