package io.watchkeeper.toolkit.verify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A row that is not the same on both sides.
 *
 * @param key column to value as text; of a table without a key, {@code row_hash} alone
 */
public record DifferingKey(DifferenceKind kind, Map<String, String> key) {

    public DifferingKey {
        key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", kind.toString());
        fields.put("key", key);
        return fields;
    }
}
