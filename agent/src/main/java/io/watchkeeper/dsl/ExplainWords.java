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
import org.jspecify.annotations.Nullable;

/**
 * The words of an explanation in one language. A verb's sentence is the key {@code verb.NAME} of the bundle: {@code {0}} is its first
 * argument, {@code {1+}} all from the second on, {@code {from}} an option's value; what stands in {@code [ ]} is left out where a value in
 * it is missing; {@code {a|b}} is b then. Where an option, or the first argument, makes it another deed, {@code verb.NAME.OPTION} is the
 * sentence. {@code <copy.strategy>} is {@code part.copy.strategy.VALUE} by the value of the option {@code strategy}, {@code .else} for a
 * value without words of its own, and {@code part.copy.strategy} where the option is not written, or not always holds.
 */
final class ExplainWords {

    /** Those that explanations are written in. */
    static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.KOREAN);

    private static final Pattern OPTIONAL = Pattern.compile("\\[([^\\[\\]]*)]");
    private static final Pattern PLACE = Pattern.compile("\\{([\\w+]+)(?:\\|([^}]*))?}");

    private static final Pattern PART = Pattern.compile("<(\\w+\\.(\\w+))>");

    /** Options that turn a deed round, whatever else is written. */
    private static final List<String> REVERSALS = List.of("undo", "back", "end", "handBack");

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
        Set<String> said = new HashSet<>();
        String template = parts(bundle.getString(sentence(deed, said)), deed, said);
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
            if (!said.contains(option)) {
                values.forEach(value -> others.add(option(option, value)));
            }
        });
        String options = others.isEmpty() ? "" : say("options", String.join(", ", others));
        return around(sentence.replace("<owner>", owner) + options, deed.conditions());
    }

    /** The key of the sentence; an option that it is for counts as said. */
    private String sentence(Deed deed, Set<String> said) {
        String key = "verb." + deed.verb();
        List<String> options = new ArrayList<>(REVERSALS);
        options.addAll(deed.options().keySet());
        for (String option : options) {
            String value = settled(deed, option);
            if (has(key + "." + option) && value != null && !value.startsWith("false")) {
                if (value.isEmpty() || value.equals("true")) {
                    said.add(option);
                }
                return key + "." + option;
            }
        }
        String special =
                deed.arguments().isEmpty() ? key : key + "." + deed.arguments().get(0);
        return has(special) ? special : key;
    }

    /** What the option holds in the end; null where it is not written, or holds only sometimes. */
    private @Nullable String settled(Deed deed, String option) {
        List<String> values = deed.options().getOrDefault(option, List.of());
        String sometimes = say("option.if", "\0").split("\0", 2)[0];
        if (values.isEmpty() || values.stream().anyMatch(value -> value.contains(sometimes))) {
            return null;
        }
        return values.get(values.size() - 1);
    }

    private String parts(String template, Deed deed, Set<String> said) {
        return PART.matcher(template).replaceAll(part -> {
            String key = "part." + part.group(1);
            String value = settled(deed, part.group(2));
            if (value == null) {
                return Matcher.quoteReplacement(bundle.getString(key));
            }
            // A value may have arguments, partition(…), or say where it comes from, true [-P …=…].
            String word = key + "." + value.replaceFirst("\\W.*", "");
            String known = has(word) ? word : has(key + ".else") ? key + ".else" : key;
            if (!value.contains("[") && (!known.equals(key) || value.isEmpty() || value.matches("true|none|fail"))) {
                said.add(part.group(2));
            }
            return Matcher.quoteReplacement(bundle.getString(known));
        });
    }

    private String option(String name, String value) {
        if (value.isEmpty() || value.equals("true")) {
            return name;
        }
        if (value.startsWith("true (")) {
            return name + value.substring("true".length());
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
