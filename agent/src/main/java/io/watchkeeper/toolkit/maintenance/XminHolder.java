package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that still needs old rows, so that VACUUM may not remove what was deleted since.
 *
 * @param name a pid, a prepared transaction's identifier, a slot or a standby
 * @param xmin the oldest transaction that it may still have to see undone
 * @param age transactions since then
 * @param seconds how long it has been so, as far as the server says; -1 where it does not
 * @param catalogOnly whether it keeps rows of system catalogs alone
 * @param words who it is, for people
 * @param remedy what ends it
 */
public record XminHolder(
        Kind kind,
        String name,
        String xmin,
        long age,
        double seconds,
        boolean catalogOnly,
        String words,
        String remedy) {

    /** What can need old rows. */
    public enum Kind {
        TRANSACTION("transaction"),
        PREPARED("preparedTransaction"),
        SLOT("slot"),
        STANDBY("standbyFeedback");

        private final String wireName;

        Kind(String wireName) {
            this.wireName = wireName;
        }

        /** As documents spell it. */
        public String wireName() {
            return wireName;
        }
    }

    /** In one line: who, and for how long. */
    public String say() {
        return words + ", " + VacuumNeed.count(age) + " transactions"
                + (seconds < 0 ? "" : " and " + DurationText.say(Duration.ofSeconds((long) seconds))) + " ago";
    }

    /** What tells it from others while it holds back the same rows. */
    String key() {
        return kind.wireName() + " " + name + " " + xmin;
    }

    /** As it stands in documents. @param held for how many seconds it is known to hold back; null when unknown */
    Map<String, Object> fields(@Nullable Double held) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", kind.wireName());
        fields.put("name", name);
        fields.put("transactions", age);
        if (held != null) {
            fields.put("seconds", Math.round(held));
        }
        fields.put("catalogOnly", catalogOnly);
        fields.put("who", words);
        return fields;
    }
}
