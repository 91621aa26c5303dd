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
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the verbs of a step did, as numbers: one table per kind of verb, one row per result. */
final class ResultTable {

    /** Longer texts are wrapped; shorter ones keep to their line. */
    private static final int LONG = 40;

    private static final String STAGE_DETAILS = "stageDetails";

    /** Too tall for a cell: they stand below the table, one result after the other. */
    private static final List<String> APART = List.of("differingKeys", "repairSql", "verdicts");

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

    private static Html table(String caption, List<? extends Map<?, ?>> rows, Saying say) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.keySet().forEach(key -> columns.add(key.toString())));
        boolean detailed = columns.remove(STAGE_DETAILS);
        APART.forEach(columns::remove);
        List<String> common = common(rows, columns);
        columns.removeAll(common);
        List<Html> said = new ArrayList<>();
        if (!caption.isEmpty()) {
            said.add(Html.of("<b>{}</b>", caption));
        }
        common.forEach(c -> said.add(Html.of(
                "<span class=\"part\">{} {}</span>",
                title(c),
                value(c, rows.get(0).get(c), say))));
        Html table = Html.of(
                "<div class=\"scroll\" tabindex=\"0\"><table class=\"results\">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
                said.isEmpty() ? Html.EMPTY : Html.of("<caption>{}</caption>", Html.join(Html.of(" "), said)),
                columns.stream()
                        .map(c -> Html.of(
                                "<th scope=\"col\"{}>{}</th>",
                                Html.of(" class=\"num\"").when(isNumber(rows, c)),
                                title(c)))
                        .toList(),
                rows.stream()
                        .map(row -> Html.of(
                                "<tr>{}</tr>",
                                columns.stream()
                                        .map(c -> cell(c, row.get(c), isNumber(rows, c), say))
                                        .toList()))
                        .toList());
        Html below = Html.all(apart(rows, say));
        return detailed ? Html.of("{}{}{}", table, below, stageDetails(rows, say)) : Html.of("{}{}", table, below);
    }

    private static List<Html> apart(List<? extends Map<?, ?>> rows, Saying say) {
        List<Html> below = new ArrayList<>();
        for (Map<?, ?> row : rows) {
            for (String field : APART) {
                if (row.get(field) instanceof Collection<?> list && !list.isEmpty()) {
                    below.add(Html.of(
                            "<details class=\"apart\" open><summary>{} {}</summary>{}</details>",
                            row.containsKey("table") ? row.get("table") : row.get("database"),
                            title(field),
                            value(field, list, say)));
                }
            }
        }
        return below;
    }

    /** What is the same in every row is said once, above them. */
    private static List<String> common(List<? extends Map<?, ?>> rows, Set<String> columns) {
        if (rows.size() < 2) {
            return List.of();
        }
        return columns.stream()
                .filter(c -> rows.get(0).get(c) instanceof String text && !text.isEmpty() && !isLong(text))
                .filter(c ->
                        rows.stream().allMatch(row -> Objects.equals(rows.get(0).get(c), row.get(c))))
                .toList();
    }

    private static Html cell(String column, @Nullable Object value, boolean number, Saying say) {
        Html kind = number
                ? Html.of(" class=\"num\"")
                : Html.of(" class=\"long\"").when(isLong(value) || value instanceof Map);
        return Html.of("<td{}>{}</td>", kind, value(column, value, say));
    }

    /** One row for each stage of each result, out of the way until somebody wants to know. */
    private static Html stageDetails(List<? extends Map<?, ?>> results, Saying say) {
        List<Map<Object, Object>> rows = new ArrayList<>();
        for (Map<?, ?> result : results) {
            if (result.get(STAGE_DETAILS) instanceof Map<?, ?> stages) {
                stages.forEach((stage, details) -> {
                    Map<Object, Object> row = new LinkedHashMap<>();
                    row.put("table", result.get("table"));
                    row.put("stage", stage);
                    if (details instanceof Map<?, ?> figures) {
                        figures.forEach((name, figure) -> row.put(name.equals("ms") ? "durationMs" : name, figure));
                    }
                    rows.add(row);
                });
            }
        }
        return Html.of(
                "<details class=\"stages\"><summary>{}</summary>{}</details>",
                say.words().say("run.stages"),
                table("", rows, say));
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
        if (value instanceof Map<?, ?> map) {
            List<Html> parts = new ArrayList<>();
            map.forEach((key, part) -> parts.add(Html.of(
                    "<span class=\"part\">{} {}</span>",
                    key,
                    value(field.equals("stages") ? "durationMs" : key.toString(), part, say))));
            return Html.join(Html.of(" "), parts);
        }
        if (value instanceof Collection<?> list) {
            if (field.equals("repairSql")) {
                return Html.of(
                        "<pre>{}</pre>",
                        String.join("\n", list.stream().map(String::valueOf).toList()));
            }
            return list(list, say);
        }
        return field.equals("sql") ? Html.of("<code>{}</code>", value) : Html.text(value.toString());
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
        if (field.equals("score")) {
            // Never rounded up to 1: that is for tables without a difference.
            return String.format(Locale.ROOT, "%.6f", Math.floor(number.doubleValue() * 1e6) / 1e6);
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
