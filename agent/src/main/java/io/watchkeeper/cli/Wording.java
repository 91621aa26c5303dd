package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers, times and results in the words people use. */
final class Wording {

    private static final DateTimeFormatter DAY_AND_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss zzz", Locale.ROOT);

    private Wording() {}

    /** Digits in groups of three, for example {@code 1 184}. */
    static String grouped(long number) {
        DecimalFormatSymbols symbols = DecimalFormatSymbols.getInstance(Locale.ROOT);
        symbols.setGroupingSeparator(' ');
        return new DecimalFormat("#,##0", symbols).format(number);
    }

    /** Local time with its zone. */
    static String time(Instant instant, ZoneId zone) {
        return DAY_AND_TIME.format(instant.atZone(zone));
    }

    static String ago(Instant instant, Instant now) {
        Duration age = Duration.between(instant, now);
        return age.compareTo(Duration.ofSeconds(1)) < 0 ? "just now" : DurationText.say(age) + " ago";
    }

    static String in(Instant instant, Instant now) {
        Duration left = Duration.between(now, instant);
        return left.compareTo(Duration.ofSeconds(1)) < 0 ? "now" : "in " + DurationText.say(left);
    }

    static String duration(JsonNode document) {
        return DurationText.say(Duration.ofMillis(document.path("durationMs").asLong()));
    }

    /** One line about a verb's result: the table or name first, then its numbers. */
    static String result(JsonNode result) {
        return switch (result.path("verb").asText()) {
            case "syncTable" -> result.has("mode") ? synced(result) : usual(result);
            case "verifyTable" -> result.has("mode") ? compared(result) : usual(result);
            default -> usual(result);
        };
    }

    /** {@code shore → ship public.documents   match at 0/8F3A2C10   1 184 rows   by checksum}. */
    private static String compared(JsonNode result) {
        List<String> parts = new ArrayList<>();
        parts.add(subject(result));
        long differences = result.path("differences").asLong();
        parts.add((differences == 0 ? "match" : counted(differences, "row differs", "rows differ")) + " at "
                + result.path("lsn").asText());
        parts.add(counted(result.path("rowsHere").asLong(), "row", "rows")
                + (result.has("sampled") ? " of a sample" : ""));
        if (result.path("repaired").asLong() > 0) {
            parts.add(counted(result.get("found").asLong(), "difference found", "differences found") + ", "
                    + grouped(result.get("repaired").asLong()) + " repaired");
        }
        if (result.path("inFlight").asLong() > 0) {
            parts.add(grouped(result.get("inFlight").asLong()) + " in flight");
        }
        parts.add("by " + result.path("mode").asText());
        parts.add(duration(result));
        result.path("notes").forEach(note -> parts.add(note.asText()));
        return String.join("   ", parts);
    }

    /** {@code shore → ship public.documents   1 184 rows changed, 6 deleted   0.9 MB   verified at 0/8F3A2C10   mode xmin: …}. */
    private static String synced(JsonNode result) {
        List<String> parts = new ArrayList<>();
        parts.add(subject(result));
        if (result.path("skipped").asBoolean()) {
            parts.add("skipped");
        } else {
            parts.add(counted(result.path("rowsWritten").asLong(), "row changed", "rows changed") + ", "
                    + grouped(result.path("rowsDeleted").asLong()) + " deleted");
            parts.add(Bytes.of(result.path("bytes").asLong()).toString());
            String at = result.hasNonNull("lsn") ? "at " + result.get("lsn").asText() : "";
            parts.add(((result.path("verified").asBoolean() ? "verified " : "") + at).strip());
        }
        if (result.path("localEdits").asLong() > 0) {
            parts.add(counted(result.get("localEdits").asLong(), "local edit", "local edits"));
        }
        parts.add(duration(result));
        parts.add("mode " + result.path("mode").asText() + ": "
                + result.path("reason").asText());
        result.path("notes").forEach(note -> parts.add(note.asText()));
        parts.removeIf(String::isEmpty);
        return String.join("   ", parts);
    }

    private static String counted(long number, String one, String several) {
        return grouped(number) + " " + (number == 1 ? one : several);
    }

    private static String usual(JsonNode result) {
        List<String> parts = new ArrayList<>();
        if (result.has("rowsWritten")) {
            parts.add(grouped(result.get("rowsWritten").asLong()) + " rows");
        } else if (result.has("rows") && result.get("rows").isNumber()) {
            parts.add(grouped(result.get("rows").asLong()) + " rows");
        }
        if (result.path("bytes").asLong() > 0) {
            parts.add(Bytes.of(result.get("bytes").asLong()).toString());
        }
        if (result.has("durationMs")) {
            parts.add(duration(result));
        }
        if (result.path("rowsPerSecond").asLong() > 0) {
            parts.add(grouped(result.get("rowsPerSecond").asLong()) + " rows/s");
        }
        if (result.path("verified").isBoolean()) {
            parts.add(result.get("verified").asBoolean() ? "verified" : "not verified");
        }
        for (String field : List.of("status", "value", "severity", "sent", "text", "skipped", "note")) {
            JsonNode value = result.path(field);
            if (value.isValueNode() && !value.asText().isEmpty()) {
                parts.add(
                        field.equals("text") || field.equals("status") ? value.asText() : field + " " + value.asText());
            }
        }
        String subject = subject(result);
        return result.path("verb").asText()
                + (subject.isEmpty() ? "" : " " + subject)
                + (parts.isEmpty() ? "" : "   " + String.join(", ", parts));
    }

    /** What a result is about, for example {@code shore → ship public.documents}. */
    static String subject(JsonNode result) {
        StringBuilder subject = new StringBuilder();
        if (result.hasNonNull("from") && result.hasNonNull("to")) {
            subject.append(result.get("from").asText())
                    .append(" → ")
                    .append(result.get("to").asText());
        }
        for (String field : List.of("database", "table", "subject", "name", "sql")) {
            if (result.path(field).isTextual()) {
                String text = result.get(field).asText().replaceAll("\\s+", " ").strip();
                subject.append(subject.isEmpty() ? "" : " ").append(text);
            }
        }
        return subject.toString();
    }
}
