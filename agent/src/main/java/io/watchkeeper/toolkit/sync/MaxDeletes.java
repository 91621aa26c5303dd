package io.watchkeeper.toolkit.sync;

import io.watchkeeper.units.Ratio;
import org.jspecify.annotations.Nullable;

/**
 * The brake of delete passes: a round that would delete more rows than this changes nothing.
 *
 * @param share of the target's rows; null where a count is given
 * @param count rows; null where a share is given
 */
public record MaxDeletes(@Nullable Ratio share, @Nullable Long count) {

    /** A source table that was emptied by mistake is not worth an empty target. */
    public static final MaxDeletes DEFAULT = of(Ratio.percent(20));

    public MaxDeletes {
        if ((share == null) == (count == null)) {
            throw new IllegalArgumentException("either a share or a count");
        }
    }

    public static MaxDeletes of(Ratio share) {
        return new MaxDeletes(share, null);
    }

    public static MaxDeletes of(long count) {
        return new MaxDeletes(null, count);
    }

    /** @param rows that the target has */
    public boolean allows(long deletes, long rows) {
        if (count != null) {
            return deletes <= count;
        }
        return share == null || deletes <= share.share() * rows;
    }

    @Override
    public String toString() {
        return count != null ? count + " rows" : share + " of the rows";
    }
}
