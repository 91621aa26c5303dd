package io.watchkeeper.toolkit.verify;

import java.math.BigDecimal;

/**
 * What one side has of a key: of a key that is one, a single row or none.
 *
 * @param rows how many
 * @param sum of the hashes of what is compared
 */
record Version(long rows, BigDecimal sum) {

    static final Version NONE = new Version(0, BigDecimal.ZERO);

    Version plus(long moreRows, BigDecimal moreSum) {
        return new Version(rows + moreRows, sum.add(moreSum));
    }

    /** In what way the target's is not as this one, the source's. */
    DifferenceKind differs(Version there, boolean hasKey) {
        if (rows == 0 || (!hasKey && rows < there.rows)) {
            return DifferenceKind.EXTRA;
        }
        return there.rows == 0 || !hasKey ? DifferenceKind.MISSING : DifferenceKind.DIFFERENT;
    }

    /** How many differences that is: rows without a key count one by one. */
    long distance(Version there, boolean hasKey) {
        return hasKey ? 1 : Math.abs(rows - there.rows);
    }

    /** For a file, and for {@link #equals(Object)} of its text. */
    @Override
    public String toString() {
        return rows + ":" + sum;
    }
}
