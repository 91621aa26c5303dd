package io.watchkeeper.review;

import java.util.Locale;

/** How something that was looked at came out, better ones first. */
public enum ReviewStatus {
    OK,
    WARN,
    FAIL;

    /** As documents and runbooks spell it, for example {@code warn}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    ReviewStatus worse(ReviewStatus other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
