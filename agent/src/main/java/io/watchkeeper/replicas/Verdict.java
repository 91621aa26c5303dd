package io.watchkeeper.replicas;

import java.util.Locale;

/** How something is judged, better ones first. */
public enum Verdict {
    OK,
    WARN,
    ALERT;

    /** As documents spell it, for example {@code warn}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Verdict worse(Verdict other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
