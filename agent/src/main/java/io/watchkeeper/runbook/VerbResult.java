package io.watchkeeper.runbook;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one verb did, as it stands in the run document: {@code {"verb": "copyTable", "table": …}}.
 *
 * @param fields the document's fields in order; values are String, Number, Boolean, null, or List and Map of these
 */
public record VerbResult(String verb, Map<String, Object> fields) {
    public VerbResult {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
