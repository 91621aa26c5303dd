package io.watchkeeper.http.page;

import io.watchkeeper.runbook.VerbResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the verbs of a step did, as numbers: one table per kind of verb, one row per result. */
final class ResultTable {

    /** Longer texts are wrapped; shorter ones keep to their line. */
    private static final int LONG = 40;

    private ResultTable() {}

    static Html of(List<VerbResult> results, Saying say) {
        List<Html> tables = new ArrayList<>();
        Set<String> verbs = new LinkedHashSet<>();
        for (VerbResult result : results) {
            if (result.fields().get("plan") instanceof Collection<?> plan) {
                tables.add(table(result.verb() + " " + result.fields().getOrDefault("subject", ""), rows(plan), say));
            } else {
                verbs.add(result.verb());
            }
        }
        for (String verb : verbs) {
            tables.add(table(
                    verb,
                    results.stream()
                            .filter(r -> r.verb().equals(verb) && !(r.fields().get("plan") instanceof Collection))
                            .map(VerbResult::fields)
                            .toList(),
                    say));
        }
        return Html.all(tables);
    }

    private static Html table(String verb, List<? extends Map<?, ?>> rows, Saying say) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.keySet().forEach(key -> columns.add(key.toString())));
        if (columns.contains("stageDetails")) {
            // They say it all again, with rows and bytes.
            columns.remove("stages");
        }
        List<Html> heads = new ArrayList<>();
        columns.forEach(c -> heads.add(
                Html.of("<th scope=\"col\"{}>{}</th>", Html.of(" class=\"num\"").when(isNumber(rows, c)), title(c))));
        List<Html> body = new ArrayList<>();
        for (Map<?, ?> row : rows) {
            List<Html> cells = new ArrayList<>();
            columns.forEach(c -> cells.add(Html.of(
                    "<td{}>{}</td>",
                    isNumber(rows, c)
                            ? Html.of(" class=\"num\"")
                            : Html.of(" class=\"long\"").when(isLong(row.get(c))),
                    value(c, row.get(c), say))));
            body.add(Html.of("<tr>{}</tr>", cells));
        }
        return Html.of(
                "<div class=\"scroll\" tabindex=\"0\"><table class=\"results\">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
                verb.isEmpty() ? Html.EMPTY : Html.of("<caption>{}</caption>", verb),
                heads,
                body);
    }

    private static boolean isLong(@Nullable Object value) {
        return value instanceof String text && text.length() > LONG;
    }

    private static boolean isNumber(List<? extends Map<?, ?>> rows, String column) {
        return rows.stream().map(r -> r.get(column)).anyMatch(Number.class::isInstance);
    }

    /** {@code rowsPerSecond} as {@code rows per second}. */
    private static String title(String field) {
        String spaced = field.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
        return spaced.endsWith(" ms") ? spaced.substring(0, spaced.length() - 3) : spaced;
    }

    private static Html value(String field, @Nullable Object value, Saying say) {
        if (value == null) {
            return Html.EMPTY;
        }
        if (value instanceof Number number) {
            return Html.text(number(field, number, say));
        }
        if (value instanceof Boolean flag) {
            return flag
                    ? say.mark("succeeded", "✓", say.words().say("yes"))
                    : say.mark("skipped", "–", say.words().say("no"));
        }
        if (value instanceof Map<?, ?> stages && field.equals("stageDetails")) {
            return stages(stages, say);
        }
        if (value instanceof Map<?, ?> map) {
            List<Html> parts = new ArrayList<>();
            map.forEach((key, part) -> parts.add(Html.of(
                    "<span class=\"part\">{} {}</span>",
                    key,
                    value(field.equals("stages") ? "durationMs" : key.toString(), part, say))));
            return Html.join(Html.of(" "), parts);
        }
        if (value instanceof Collection<?> list) {
            return list(list, say);
        }
        return field.equals("sql") ? Html.of("<code>{}</code>", value) : Html.text(value.toString());
    }

    private static Html stages(Map<?, ?> stages, Saying say) {
        List<Map<Object, Object>> rows = new ArrayList<>();
        stages.forEach((stage, details) -> {
            Map<Object, Object> row = new LinkedHashMap<>();
            row.put("stage", stage);
            if (details instanceof Map<?, ?> figures) {
                figures.forEach((name, figure) -> row.put(name.equals("ms") ? "durationMs" : name, figure));
            }
            rows.add(row);
        });
        return table("", rows, say);
    }

    private static Html list(Collection<?> list, Saying say) {
        if (!list.isEmpty() && list.stream().allMatch(Map.class::isInstance)) {
            return table("", rows(list), say);
        }
        return Html.join(
                Html.of(", "), list.stream().map(v -> value("", v, say)).toList());
    }

    private static List<Map<?, ?>> rows(Collection<?> list) {
        List<Map<?, ?>> rows = new ArrayList<>();
        for (Object row : list) {
            rows.add(row instanceof Map<?, ?> map ? map : Map.of("", row));
        }
        return rows;
    }

    private static String number(String field, Number number, Saying say) {
        if (field.endsWith("Ms")) {
            return say.duration(Duration.ofMillis(number.longValue()));
        }
        if (field.endsWith("Seconds") && !field.endsWith("PerSeconds")) {
            return say.duration(Duration.ofSeconds(number.longValue()));
        }
        if (field.toLowerCase(Locale.ROOT).endsWith("bytes")) {
            return say.bytes(number.longValue());
        }
        boolean whole = number.doubleValue() == Math.rint(number.doubleValue());
        return whole ? say.number(number.longValue()) : String.format(Locale.ROOT, "%.2f", number.doubleValue());
    }
}
