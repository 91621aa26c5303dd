package io.watchkeeper.audit;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An event as it stands on the record.
 *
 * @param position from 1, without gaps
 * @param host on which it was recorded
 * @param details as in {@link AuditEvent}
 * @param json canonical JSON of all of it but the hashes, as it is hashed
 * @param previous the hash of the entry before
 * @param hash SHA-256 of the hash before, a line feed and the canonical JSON, in lower-case hexadecimal
 */
public record AuditEntry(
        long position,
        Instant at,
        String host,
        String actor,
        String from,
        String action,
        String subject,
        String result,
        Map<String, Object> details,
        String json,
        String previous,
        String hash) {

    public AuditEntry {
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    /** Its fields as documents show them, in the order a person reads them. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("position", position);
        fields.put("at", at.toString());
        fields.put("host", host);
        fields.put("actor", actor);
        fields.put("from", from);
        fields.put("action", action);
        fields.put("subject", subject);
        fields.put("result", result);
        fields.put("details", details);
        fields.put("previous", previous);
        fields.put("hash", hash);
        return fields;
    }
}
