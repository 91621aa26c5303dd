package io.watchkeeper.toolkit.copy;

import java.util.Locale;

/** What becomes of the rows the target already has. */
public enum CopyStrategy {

    /** They are replaced, in one transaction: readers see all of the old rows or all of the new ones. */
    TRUNCATE,

    /** They are replaced by a new table that takes the old one's place at the end: until then, readers read the old rows. */
    SWAP,

    /** They stay, and the copied rows are added. */
    APPEND,

    /** Copied rows take the place of those with the same key, or are added; the others stay. */
    MERGE,

    /** One partition's rows are replaced, by a new partition where that is possible. */
    PARTITION;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
