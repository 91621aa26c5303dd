package io.watchkeeper.checklist;

import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a verb left in the run document. Verbs that look leave a status, findings and evidence; verbs that do leave their counts, and a
 * {@code summary} where these do not say it.
 */
final class ResultReading {

    private static final int MOST_EVIDENCE = 20;

    /** They only read and say nothing about what they saw: a check after them does. */
    private static final Set<String> SILENT = Set.of("query", "alert");

    /** Whatever they find, they change nothing. */
    private static final Set<String> LOOKING =
            Set.of("replicationLag", "failoverCluster", "verifyTable", "verifyBackups", "pitrDrill");

    private final String item;
    private final VerbResult result;

    private ResultReading(String item, VerbResult result) {
        this.item = item;
        this.result = result;
    }

    static Optional<Look> of(String item, VerbResult result) {
        // An index that was rebuilt is counted in the summary that comes after it.
        boolean counted = result.verb().equals("reindex") && !result.fields().containsKey("summary");
        return SILENT.contains(result.verb()) || counted
                ? Optional.empty()
                : Optional.of(new ResultReading(item, result).look());
    }

    private Look look() {
        if (result.verb().equals("check")) {
            return check();
        }
        return result.fields().containsKey("subject") && result.fields().containsKey("remedy") ? review() : work();
    }

    private Look review() {
        List<Map<String, Object>> evidence = rows(result.fields().get("evidence"));
        // Where nothing was measured, the findings are the evidence.
        boolean measured = result.fields().containsKey("findings");
        List<Map<String, Object>> findings = measured ? rows(result.fields().get("findings")) : evidence;
        List<Need> needs = new ArrayList<>();
        for (Map<String, Object> finding : findings) {
            ItemState state = ItemState.of(text(finding.get("status")));
            if (state != ItemState.OK) {
                needs.add(new Need(
                        item,
                        state == ItemState.FAIL,
                        inDatabase(text(finding.get("message"))),
                        text(finding.get("remedy"))));
            }
        }
        String summary = text("summary");
        String said = summary.isEmpty() ? text("subject") + ": " + findings.size() + " looked at" : summary;
        return new Look(
                text("database"), ItemState.of(text("status")), said, false, needs, measured ? evidence : List.of());
    }

    /** A message may name its database already. */
    private String inDatabase(String message) {
        String database = text("database");
        return database.isEmpty() || message.contains(database) ? message : database + ": " + message;
    }

    private Look check() {
        ItemState state = ItemState.of(text("status"));
        String said = text("name") + ": " + plain("value", result.fields().get("value"));
        List<Need> needs = new ArrayList<>();
        if (state != ItemState.OK) {
            boolean fail = state == ItemState.FAIL;
            Object limit = result.fields().get(fail ? "fail" : "warn");
            needs.add(new Need(
                    item, fail, limit == null ? said : said + ", limit " + plain("limit", limit), text("remedy")));
        }
        return new Look("", state, said, false, needs, rows(result.fields().get("evidence")));
    }

    /** Something was done: what it says of itself, else its subject and its numbers. */
    private Look work() {
        String summary = text("summary");
        boolean skipped = !text("skipped").isEmpty() && !text("skipped").equals("false");
        boolean none = result.fields().get("rebuilt") instanceof Number rebuilt && rebuilt.intValue() == 0;
        boolean did = !skipped && !none && !LOOKING.contains(result.verb());
        String said = summary.isEmpty() ? result.verb() + " " + subject() + numbers() : summary;
        ItemState state = ItemState.of(text("status"));
        List<Need> needs = state == ItemState.OK
                ? List.of()
                : List.of(new Need(item, state == ItemState.FAIL, inDatabase(said), remedies()));
        return new Look(text("database"), state, said.strip(), did, needs, List.of());
    }

    private String remedies() {
        return result.fields().get("remedy") instanceof List<?> several
                ? String.join("\n", several.stream().map(String::valueOf).toList())
                : text("remedy");
    }

    private String subject() {
        List<String> parts = new ArrayList<>();
        for (String field : List.of("table", "index", "name", "subject")) {
            if (!text(field).isEmpty()) {
                parts.add(text(field));
            }
        }
        return String.join(" ", parts);
    }

    private String numbers() {
        List<String> parts = new ArrayList<>();
        result.fields().forEach((name, value) -> {
            if (value instanceof Number || value instanceof Boolean || name.equals("skipped")) {
                parts.add(words(name) + " " + plain(name, value));
            }
        });
        return parts.isEmpty() ? "" : ": " + String.join(", ", parts);
    }

    private String text(String field) {
        return text(result.fields().get(field));
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    /** {@code rowsWritten} as {@code rows written}; the unit at its end is said with the number. */
    static String words(String name) {
        String bare = name.replaceFirst("(Ms|Bytes|Seconds)$", "");
        return (bare.isEmpty() ? name : bare)
                .replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                .toLowerCase(Locale.ROOT);
    }

    /** A value in the unit that its name ends in. */
    static String plain(String name, @Nullable Object value) {
        if (value instanceof Number number) {
            double amount = number.doubleValue();
            if (name.toLowerCase(Locale.ROOT).endsWith("bytes") && amount >= 0) {
                return Bytes.of(Math.round(amount)).toString();
            }
            if (name.endsWith("Ms")) {
                return DurationText.say(Duration.ofMillis(Math.round(amount)));
            }
            if (name.endsWith("Seconds")) {
                return DurationText.say(Duration.ofMillis(Math.round(amount * 1000)));
            }
            return amount == Math.rint(amount)
                    ? String.format(Locale.ROOT, "%,d", Math.round(amount)).replace(',', ' ')
                    : String.format(Locale.ROOT, "%.2f", amount);
        }
        return value == null ? "" : value.toString();
    }

    private static List<Map<String, Object>> rows(@Nullable Object value) {
        List<Map<String, Object>> rows = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object row : list) {
                if (row instanceof Map<?, ?> map && rows.size() < MOST_EVIDENCE) {
                    Map<String, Object> flat = new LinkedHashMap<>();
                    map.forEach((name, cell) -> flat.put(String.valueOf(name), cell == null ? "" : cell));
                    rows.add(flat);
                }
            }
        }
        return rows;
    }
}
