package io.watchkeeper.toolkit.verify;

import java.util.Locale;

/** In what way the target is not as the source. */
public enum DifferenceKind {
    /** The source has the row, and the target has not. */
    MISSING,
    /** The target has the row, and the source has not. */
    EXTRA,
    /** Both have a row of this key, with other values. */
    DIFFERENT;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
