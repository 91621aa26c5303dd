package io.watchkeeper.audit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of verifying the record.
 *
 * @param entries that were looked at
 * @param first position of the oldest entry there is; 0 for none
 * @param head the newest entry; null for none
 * @param anchors that were compared, as documents show them
 * @param damage the first thing that is wrong; null when all is as it was written
 */
public record AuditVerdict(
        long entries,
        long first,
        @Nullable Anchor head,
        List<CheckedAnchor> anchors,
        @Nullable AuditDamage damage) {

    /**
     * An anchor and what came of it.
     *
     * @param source where it was kept: a file, or the command line
     * @param state {@code confirmed}, {@code contradicted}, or {@value #UNCONFIRMED} for one older than the oldest entry: it proves
     *     nothing
     */
    public record CheckedAnchor(Anchor anchor, String source, String state) {

        /** The entry that the anchor was taken from is not there any more, as after an expiry. */
        public static final String UNCONFIRMED = "unconfirmed";

        public boolean isUnconfirmed() {
            return state.equals(UNCONFIRMED);
        }
    }

    public AuditVerdict {
        anchors = List.copyOf(anchors);
    }

    public boolean isIntact() {
        return damage == null;
    }

    /** As a document. */
    public Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("intact", isIntact());
        fields.put("entries", entries);
        fields.put("first", first);
        fields.put("head", head == null ? null : head.toString());
        fields.put(
                "anchors",
                anchors.stream()
                        .map(one ->
                                Map.of("anchor", one.anchor().toString(), "source", one.source(), "state", one.state()))
                        .toList());
        if (damage != null) {
            fields.put(
                    "damage",
                    Map.of(
                            "position",
                            damage.position(),
                            "kind",
                            damage.kind().wireName(),
                            "message",
                            damage.message()));
        }
        return fields;
    }
}
