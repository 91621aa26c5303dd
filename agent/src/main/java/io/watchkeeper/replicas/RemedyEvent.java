package io.watchkeeper.replicas;

import java.time.Instant;
import java.util.Locale;

/**
 * One line of the story of a remediation.
 *
 * @param database the primary
 * @param replica that was behind
 * @param text in words, with figures
 */
public record RemedyEvent(Instant at, String database, String replica, Kind kind, String text) {

    /** What happened. */
    public enum Kind {
        LAG,
        CAUSE,
        ACTION,
        REVERT,
        RECOVERED,
        GAVE_UP;

        /** As documents spell it, for example {@code gaveUp}. */
        public String wireName() {
            return this == GAVE_UP ? "gaveUp" : name().toLowerCase(Locale.ROOT);
        }
    }
}
