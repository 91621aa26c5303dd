package io.watchkeeper.review;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing that a review found.
 *
 * @param code the same for every finding of the kind, for example {@code trust}; runbooks accept findings by it
 * @param message what is so, with names and values
 * @param evidence where it stands, or what the server said
 * @param remedy SQL, a setting or a line that mends it; empty when there is nothing to mend
 */
public record ReviewFinding(
        String code, ReviewStatus status, String message, Map<String, Object> evidence, String remedy) {

    public ReviewFinding {
        evidence = Map.copyOf(evidence);
    }

    /** Where a sentence says all. */
    public ReviewFinding(String code, ReviewStatus status, String message, String remedy) {
        this(code, status, message, Map.of(), remedy);
    }

    ReviewFinding accepted() {
        return new ReviewFinding(code, ReviewStatus.OK, message + " (accepted)", evidence, "");
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("code", code);
        fields.put("status", status.wireName());
        fields.put("message", message);
        if (!evidence.isEmpty()) {
            fields.put("evidence", new java.util.TreeMap<>(evidence));
        }
        if (!remedy.isEmpty()) {
            fields.put("remedy", remedy);
        }
        return fields;
    }
}
