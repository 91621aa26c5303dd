package io.watchkeeper.checklist;

import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads what verbs did that leave a result for each table, often for hundreds of which nothing was due: all tables of one verb and one database
 * become one line.
 */
final class UpkeepReading {

    static final Set<String> VERBS = Set.of("vacuum", "analyze", "maintainPartitions");

    private static final int NAMED = 3;
    private static final int MOST_EVIDENCE = 20;
    private static final List<String> HAPPENED = List.of("created", "detached", "archived", "dropped");

    private final String item;
    private final String verb;
    private final String database;
    private final List<VerbResult> done = new ArrayList<>();
    private final List<Need> needs = new ArrayList<>();
    private int leftAlone;

    private UpkeepReading(String item, VerbResult first) {
        this.item = item;
        this.verb = first.verb();
        this.database = text(first, "database");
    }

    /** @param results of one verb in one database, at least one */
    static Look of(String item, List<VerbResult> results) {
        UpkeepReading reading = new UpkeepReading(item, results.get(0));
        results.forEach(reading::read);
        return reading.look();
    }

    private void read(VerbResult result) {
        String skipped = text(result, "skipped");
        if (!skipped.isEmpty()) {
            leftAlone++;
            // That nothing was due needs nobody; that something was, and could not be done, does.
            if (result.fields().containsKey("need")) {
                needs.add(new Need(
                        item,
                        false,
                        database + ": " + text(result, "table") + " was left out (" + skipped + ") although "
                                + text(result, "need"),
                        ""));
            }
        } else if (verb.equals("maintainPartitions") && happened(result).isEmpty()) {
            leftAlone++;
        } else {
            done.add(result);
        }
        findings(result);
    }

    private void findings(VerbResult result) {
        if (result.fields().get("findings") instanceof List<?> findings) {
            for (Object one : findings) {
                if (one instanceof Map<?, ?> finding) {
                    ItemState state = ItemState.of(String.valueOf(finding.get("status")));
                    if (state != ItemState.OK) {
                        Object remedy = finding.get("remedy");
                        needs.add(new Need(
                                item,
                                state == ItemState.FAIL,
                                database + ": " + finding.get("message"),
                                remedy == null ? "" : remedy.toString()));
                    }
                }
            }
        }
    }

    private Look look() {
        ItemState state = needs.stream()
                .map(need -> need.now() ? ItemState.FAIL : ItemState.WARN)
                .reduce(ItemState.OK, ItemState::worse);
        String summary = done.isEmpty() ? "nothing was due in " + tables(leftAlone) : whatWasDone();
        return new Look(database, state, summary, !done.isEmpty(), needs, evidence());
    }

    private String whatWasDone() {
        String rest = leftAlone == 0 ? "" : "; nothing was due in " + tables(leftAlone);
        return switch (verb) {
            case "vacuum" ->
                "vacuumed " + names() + ": "
                        + ResultReading.plain("rows", sum("deadTuplesBefore") - sum("deadTuplesAfter"))
                        + " dead rows removed"
                        + (sum("bytesReclaimed") > 0 ? ", " + Bytes.of(sum("bytesReclaimed")) + " given back" : "")
                        + rest;
            case "analyze" -> "statistics renewed of " + names() + rest;
            default -> done.stream().map(UpkeepReading::happened).collect(Collectors.joining("; ")) + rest;
        };
    }

    /** {@code yard.positions: created yard.positions_2026_11}. */
    private static String happened(VerbResult result) {
        List<String> parts = new ArrayList<>();
        for (String what : HAPPENED) {
            if (result.fields().get(what) instanceof List<?> names && !names.isEmpty()) {
                parts.add(what + " " + few(names.stream().map(String::valueOf).toList()));
            }
        }
        if (result.fields().get("movedRows") instanceof Number rows && rows.longValue() > 0) {
            parts.add(ResultReading.plain("rows", rows) + " rows moved");
        }
        return parts.isEmpty() ? "" : text(result, "table") + ": " + String.join(", ", parts);
    }

    private String names() {
        return few(done.stream().map(result -> text(result, "table")).toList());
    }

    private static String few(List<String> names) {
        String first = names.stream().limit(NAMED).collect(Collectors.joining(", "));
        return names.size() <= NAMED ? first : first + " and " + (names.size() - NAMED) + " more";
    }

    private static String tables(int number) {
        return number == 1 ? "1 table" : String.format(Locale.ROOT, "%d tables", number);
    }

    private long sum(String field) {
        return done.stream()
                .mapToLong(result -> result.fields().get(field) instanceof Number number ? number.longValue() : 0)
                .sum();
    }

    /** Where the line names all that there is, there is no more to say. */
    private List<Map<String, Object>> evidence() {
        if (done.size() <= 1 || verb.equals("maintainPartitions")) {
            return List.of();
        }
        return done.stream()
                .limit(MOST_EVIDENCE)
                .map(result -> {
                    Map<String, Object> row = new LinkedHashMap<>(result.fields());
                    row.remove("database");
                    row.replaceAll((name, value) -> value == null ? "" : value);
                    return row;
                })
                .toList();
    }

    private static String text(VerbResult result, String field) {
        Object value = result.fields().get(field);
        return value == null ? "" : value.toString();
    }
}
