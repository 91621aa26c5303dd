package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A subscription after a look at it, and what was done about it.
 *
 * @param created whether it was made just now
 * @param slot on the source
 * @param rowsWritten by the last round of polling before it was made
 * @param tables and what each is doing, in words
 * @param confirmed what the target has durably; null when unknown
 * @param lag how much log the target has not confirmed
 * @param retained how much log the slot keeps on the source's disk
 * @param walStatus of the slot as the server says it: reserved, extended, unreserved, lost
 * @param applyErrors counted by the target since the subscription was made
 * @param syncErrors likewise, of copying tables
 * @param sequences how many were moved on
 * @param failure what is wrong with the stream; null when nothing is
 */
public record StreamResult(
        String name,
        String publication,
        String from,
        String to,
        StreamState state,
        boolean created,
        String slot,
        long rowsWritten,
        Map<TableName, String> tables,
        @Nullable Lsn confirmed,
        Bytes lag,
        Bytes retained,
        String walStatus,
        long applyErrors,
        long syncErrors,
        Map<String, Long> conflicts,
        int sequences,
        Duration duration,
        List<String> notes,
        @Nullable OperatorException failure) {

    public StreamResult {
        tables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tables));
        notes = List.copyOf(notes);
    }

    /** To be thrown after the result is recorded. */
    public Optional<OperatorException> problem() {
        return Optional.ofNullable(failure);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("subscription", name);
        fields.put("publication", publication);
        fields.put("from", from);
        fields.put("to", to);
        fields.put("mode", state == StreamState.POLLING ? "polling" : "stream");
        fields.put("state", state.toString());
        fields.put("created", created);
        fields.put("slot", slot);
        fields.put("rowsWritten", rowsWritten);
        Map<String, Object> states = new LinkedHashMap<>();
        tables.forEach((table, words) -> states.put(table.toString(), words));
        fields.put("tables", states);
        if (confirmed != null) {
            fields.put("confirmedLsn", confirmed.toString());
        }
        fields.put("lagBytes", lag.count());
        fields.put("retainedBytes", retained.count());
        fields.put("walStatus", walStatus);
        fields.put("applyErrors", applyErrors);
        fields.put("syncErrors", syncErrors);
        if (!conflicts.isEmpty()) {
            fields.put("conflicts", conflicts);
        }
        fields.put("sequences", sequences);
        fields.put("durationMs", duration.toMillis());
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
