package io.watchkeeper.history;

import static java.util.Comparator.comparingInt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.units.Secret;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How values stand in the store: redacted, of bounded length, readable with sqlite3. */
final class StoredText {

    /** A single text (a message, a log line) keeps this many characters. */
    static final int LONGEST_TEXT = 16 * 1024;

    /** The JSON of one verb's result keeps this many characters. */
    static final int LONGEST_RESULT = 256 * 1024;

    /** The field that says what a shortened result has lost. */
    static final String NOTE = "shortened";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

    /** Always nine digits of a second, so that text order is time order. */
    private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private StoredText() {}

    static String of(Instant instant) {
        return INSTANT.format(instant);
    }

    /** The time that stands there in the one way it is written; empty for any other text. */
    static Optional<Instant> instant(String text) {
        try {
            Instant instant = Instant.parse(text);
            return of(instant).equals(text) ? Optional.of(instant) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    static String of(String text) {
        String redacted = Secret.redact(text);
        return redacted.length() <= LONGEST_TEXT ? redacted : redacted.substring(0, LONGEST_TEXT) + "…";
    }

    static @Nullable String ofNullable(@Nullable String text) {
        return text == null ? null : of(text);
    }

    static String ofParams(Map<String, String> params) {
        return json(redacted(new TreeMap<>(params)));
    }

    static String ofNames(Set<String> names) {
        return json(redacted(new TreeSet<>(names)));
    }

    static Set<String> names(String json) {
        return read(json, new TypeReference<Set<String>>() {});
    }

    static Map<String, String> params(String json) {
        return read(json, new TypeReference<Map<String, String>>() {});
    }

    /** A result that is too long loses list elements and long texts from its end on, and says so in {@value #NOTE}. */
    static String ofFields(Map<String, Object> fields) {
        Map<String, @Nullable Object> clean = redactedMap(fields);
        String json = json(clean);
        return json.length() <= LONGEST_RESULT ? json : json(shortened(clean, json.length()));
    }

    static Map<String, Object> fields(String json) {
        return read(json, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    /** The small fields stay whole; of the large ones what fits. */
    private static Map<String, @Nullable Object> shortened(Map<String, @Nullable Object> fields, int length) {
        Map<String, @Nullable Object> kept = new LinkedHashMap<>(fields);
        List<String> lost = new ArrayList<>();
        int budget = LONGEST_RESULT - LONGEST_TEXT;
        for (String name : fields.keySet().stream()
                .sorted(comparingInt(n -> json(fields.get(n)).length()))
                .toList()) {
            Object value = fields.get(name);
            int size = name.length() + 4 + json(value).length();
            if (size > budget) {
                lost.add(name);
                value = value instanceof List<?> list ? head(list, budget - name.length() - 6) : null;
                size = name.length() + 4 + json(value).length();
            }
            kept.put(name, value);
            budget -= size;
        }
        String note = "the result had " + length + " characters, the store keeps " + LONGEST_RESULT
                + "; cut or left out: " + String.join(", ", lost);
        kept.put(NOTE, of(note));
        return kept;
    }

    private static List<Object> head(List<?> list, int budget) {
        List<Object> head = new ArrayList<>();
        int left = budget;
        for (Object element : list) {
            left -= json(element).length() + 1;
            if (left < 0) {
                break;
            }
            head.add(element);
        }
        return head;
    }

    /** Values are redacted before they become JSON: escaping would hide a secret with a quote or backslash in it. */
    private static @Nullable Object redacted(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return redactedMap(map);
        }
        if (value instanceof Iterable<?> list) {
            List<@Nullable Object> result = new ArrayList<>();
            list.forEach(element -> result.add(redacted(element)));
            return result;
        }
        if (value == null || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        return Secret.redact(value.toString());
    }

    private static Map<String, @Nullable Object> redactedMap(Map<?, ?> map) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((k, v) -> result.put(Secret.redact(String.valueOf(k)), redacted(v)));
        return result;
    }

    private static String json(@Nullable Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value that JSON cannot hold: " + e.getOriginalMessage(), e);
        }
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the store holds broken JSON: " + e.getOriginalMessage(), e);
        }
    }
}
