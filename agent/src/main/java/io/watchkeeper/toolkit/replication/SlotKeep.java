package io.watchkeeper.toolkit.replication;

import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.replicas.Verdict;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A slot and what it keeps, judged. */
public record SlotKeep(ReplicationSlot slot, Verdict status) {

    public String name() {
        return slot.name();
    }

    public long retainedBytes() {
        return slot.retainedBytes();
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("slot", slot.name());
        fields.put("kind", slot.kind().name().toLowerCase(Locale.ROOT));
        fields.put("active", slot.active());
        if (slot.inactiveSince() != null) {
            fields.put("inactiveSince", slot.inactiveSince().toString());
        }
        fields.put("retainedBytes", slot.retainedBytes());
        if (!slot.walStatus().isEmpty()) {
            fields.put("walStatus", slot.walStatus());
        }
        if (slot.safeBytes() >= 0) {
            fields.put("safeBytes", slot.safeBytes());
        }
        if (slot.replica() != null) {
            fields.put("standby", slot.replica());
        }
        fields.put("status", status.wireName());
        return fields;
    }
}
