package io.watchkeeper.dsl;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The words of an explanation in one language. A verb's sentence is the key {@code verb.NAME} of the bundle: {@code {0}} is its first
 * argument, {@code {1+}} all from the second on, {@code {from}} an option's value; what stands in {@code [ ]} is left out where a value in
 * it is missing; {@code {a|b}} is b then.
 */
final class ExplainWords {

    /** Those that explanations are written in. */
    static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.KOREAN);

    private static final Pattern OPTIONAL = Pattern.compile("\\[([^\\[\\]]*)]");
    private static final Pattern PLACE = Pattern.compile("\\{([\\w+]+)(?:\\|([^}]*))?}");

    private final ResourceBundle bundle;

    ExplainWords(Locale language) {
        this.bundle = ResourceBundle.getBundle(
                "io.watchkeeper.dsl.explain",
                language,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    Set<String> keys() {
        return bundle.keySet();
    }

    /** The text of that key, {@code {0}}, {@code {1}} … replaced. */
    String say(String key, Object... values) {
        String text = bundle.getString(key);
        for (int i = 0; i < values.length; i++) {
            text = text.replace("{" + i + "}", values[i].toString());
        }
        return text;
    }

    boolean has(String key) {
        return bundle.containsKey(key);
    }

    /**
     * What is done, with the options that the verb's sentence has no place for behind it.
     *
     * @param owner whom alerts are for
     */
    String deed(Deed deed, String owner) {
        String key = "verb." + deed.verb();
        String special =
                deed.arguments().isEmpty() ? key : key + "." + deed.arguments().get(0);
        String template = bundle.getString(has(special) ? special : key);
        Set<String> said = new HashSet<>();
        String sentence = fill(
                OPTIONAL.matcher(template)
                        .replaceAll(part -> Matcher.quoteReplacement(
                                places(part.group(1)).stream()
                                                .allMatch(place -> deed.values(place)
                                                        .findAny()
                                                        .isPresent())
                                        ? part.group(1)
                                        : "")),
                deed,
                said);
        List<String> others = new ArrayList<>();
        deed.options().forEach((option, values) -> {
            if (!said.contains(option) && !option.equals("from") && !option.equals("to")) {
                values.forEach(value -> others.add(option(option, value)));
            }
        });
        String options = others.isEmpty() ? "" : say("options", String.join(", ", others));
        return around(sentence.replace("<owner>", owner) + options, deed.conditions());
    }

    private String option(String name, String value) {
        if (value.isEmpty() || value.equals("true")) {
            return name;
        }
        return value.equals("false") ? say("option.not", name) : name + " " + value;
    }

    private String around(String sentence, List<Deed.Condition> conditions) {
        String text = sentence;
        for (Deed.Condition condition : conditions) {
            text += say("around." + condition.kind().name().toLowerCase(Locale.ROOT), condition.text());
        }
        return text;
    }

    private static List<String> places(String template) {
        return PLACE.matcher(template).results().map(m -> m.group(1)).toList();
    }

    private static String fill(String template, Deed deed, Set<String> said) {
        return PLACE.matcher(template).replaceAll(place -> {
            said.add(place.group(1));
            String value = deed.values(place.group(1)).collect(Collectors.joining(", "));
            String otherwise = place.group(2) == null ? "…" : place.group(2);
            return Matcher.quoteReplacement(value.isEmpty() ? otherwise : value);
        });
    }
}
