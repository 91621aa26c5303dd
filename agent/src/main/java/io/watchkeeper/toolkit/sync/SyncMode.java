package io.watchkeeper.toolkit.sync;

import java.util.Locale;

/** How a round finds out what was written on the source since the last one. */
public enum SyncMode {
    /** Chosen from the table; the plan and the result say what and why. */
    AUTO,
    /** By the horizon of the last round's snapshot: every row whose xmin that snapshot did not see. Scans the table; loses nothing. */
    XMIN,
    /** By a column that every change moves forward. Cheap with an index on it; sees no change that leaves the column alone. */
    TIMESTAMP,
    /** By the column in most rounds, by the horizon now and then, and by comparing all rows now and then. */
    HYBRID,
    /** By comparing checksums of all rows, and repairing what differs. */
    FULL,
    /** By a native subscription of the target's server; nothing is polled. */
    STREAM;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
