package io.watchkeeper.toolkit.verify;

import java.util.Locale;

/** What is done about differences. */
public enum Repair {
    NONE,
    /** The statements that would make the target's rows equal are written down. */
    PLAN,
    /** The target's rows are made equal, and looked at again. */
    APPLY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
