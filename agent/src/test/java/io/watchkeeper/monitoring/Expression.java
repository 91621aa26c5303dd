package io.watchkeeper.monitoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names in an expression of PromQL, as far as rules and dashboards of this project use it: whatever is no word of PromQL is one. */
final class Expression {

    private static final Set<String> WORDS = Set.of(
            "absent",
            "and",
            "by",
            "changes",
            "clamp_min",
            "count",
            "group_left",
            "histogram_quantile",
            "ignoring",
            "increase",
            "label_values",
            "max",
            "max_over_time",
            "last_over_time",
            "min_over_time",
            "count_over_time",
            "min",
            "offset",
            "on",
            "or",
            "predict_linear",
            "rate",
            "sum",
            "time",
            "topk",
            "unless",
            "vector",
            "without");
    private static final Pattern GROUPING =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left)\\s*\\(([^)]*)\\)");
    private static final Pattern SELECTOR = Pattern.compile("\\{([^}]*)\\}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][\\w:]*");
    private static final Pattern DURATION = Pattern.compile("\\[[^\\]]*\\]|\\boffset\\s+\\w+");

    private final Set<String> metrics = new TreeSet<>();
    private final Set<String> labels = new TreeSet<>();

    Expression(String text) {
        String rest = text;
        rest = taken(rest, SELECTOR, inside -> {
            Matcher matcher = MATCHER.matcher(inside);
            while (matcher.find()) {
                labels.add(matcher.group(1));
            }
        });
        rest = taken(rest, GROUPING, inside -> names(inside).forEach(labels::add));
        rest = DURATION.matcher(rest).replaceAll(" ");
        for (String name : names(rest)) {
            if (!WORDS.contains(name)) {
                metrics.add(name);
            }
        }
    }

    /** Names of series; whatever is misspelt is among them, too. */
    Set<String> metrics() {
        return metrics;
    }

    /** Labels that are matched or grouped by. */
    Set<String> labels() {
        return labels;
    }

    private static String taken(String text, Pattern what, Consumer<String> taker) {
        Matcher found = what.matcher(text);
        StringBuilder rest = new StringBuilder();
        int from = 0;
        while (found.find()) {
            taker.accept(found.group(1));
            rest.append(text, from, found.start()).append(' ');
            from = found.end();
        }
        return rest.append(text.substring(from)).toString();
    }

    private static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(text);
        while (name.find()) {
            names.add(name.group());
        }
        return names;
    }
}
