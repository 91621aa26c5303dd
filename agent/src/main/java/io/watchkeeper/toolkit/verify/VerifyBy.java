package io.watchkeeper.toolkit.verify;

import java.util.Locale;

/** What of the rows is compared. */
public enum VerifyBy {
    /** How many there are, and all their values. */
    CHECKSUM,
    /** How many there are. */
    COUNT,
    /** Which keys there are. */
    KEYS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
