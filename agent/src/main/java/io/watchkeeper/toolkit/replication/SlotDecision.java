package io.watchkeeper.toolkit.replication;

import io.watchkeeper.replicas.ReplicationSlot;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a slot.
 *
 * @param drop whether it is dropped, or was
 * @param reason in words
 * @param consequence what its reader must do then; empty when it stays
 * @param reader the configured database that reads it; null when nobody knows one
 */
public record SlotDecision(
        ReplicationSlot slot,
        boolean drop,
        String reason,
        String consequence,
        @Nullable String reader) {

    static SlotDecision stays(ReplicationSlot slot, String reason, @Nullable String reader) {
        return new SlotDecision(slot, false, reason, "", reader);
    }

    public String name() {
        return slot.name();
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("slot", slot.name());
        fields.put("dropped", drop);
        fields.put("reason", reason);
        fields.put("retainedBytes", slot.retainedBytes());
        if (slot.inactiveSince() != null) {
            fields.put("inactiveSince", slot.inactiveSince().toString());
        }
        if (reader != null) {
            fields.put("standby", reader);
        }
        if (!consequence.isEmpty()) {
            fields.put("consequence", consequence);
        }
        return fields;
    }
}
