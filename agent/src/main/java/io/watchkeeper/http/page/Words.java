package io.watchkeeper.http.page;

import java.util.IllformedLocaleException;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** The page's words in the reader's language. */
public final class Words {

    private static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.KOREAN);

    private final Locale language;
    private final ResourceBundle bundle;

    private Words(Locale language) {
        this.language = language;
        // The host's own language must not decide what a reader elsewhere sees.
        this.bundle = ResourceBundle.getBundle(
                "io.watchkeeper.http.page.page",
                language,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    /** @param acceptLanguage the request's header; English when it is absent, malformed or asks for other languages */
    public static Words in(@Nullable String acceptLanguage) {
        return new Words(choose(acceptLanguage));
    }

    public Locale language() {
        return language;
    }

    /** The text of that key, {@code {0}}, {@code {1}} … replaced. */
    public String say(String key, Object... values) {
        String text = bundle.getString(key);
        for (int i = 0; i < values.length; i++) {
            text = text.replace("{" + i + "}", values[i].toString());
        }
        return text;
    }

    /** Text of {@code key.one} or {@code key.many}, with the number as {@code {0}}. */
    public String count(String key, long number) {
        return say(key + (number == 1 ? ".one" : ".many"), number(number));
    }

    public String number(long number) {
        return String.format(language, "%,d", number);
    }

    private static Locale choose(@Nullable String acceptLanguage) {
        if (acceptLanguage == null || acceptLanguage.isBlank()) {
            return Locale.ENGLISH;
        }
        try {
            Locale best = Locale.lookup(Locale.LanguageRange.parse(acceptLanguage), LANGUAGES);
            return best == null ? Locale.ENGLISH : best;
        } catch (IllegalArgumentException | IllformedLocaleException e) {
            return Locale.ENGLISH;
        }
    }
}
