package io.watchkeeper.toolkit.verify;

import io.watchkeeper.units.Ratio;
import org.jspecify.annotations.Nullable;

/**
 * How many of a table's rows may be deleted at once, before it is more likely that the source is not what it should be.
 *
 * @param share of the target's rows; null where a count is given
 * @param count null where a share is given
 */
public record DeleteBrake(@Nullable Ratio share, @Nullable Long count) {

    public static final DeleteBrake DEFAULT = of(Ratio.percent(20));

    public DeleteBrake {
        if ((share == null) == (count == null)) {
            throw new IllegalArgumentException("either a share or a count");
        }
    }

    public static DeleteBrake of(Ratio share) {
        return new DeleteBrake(share, null);
    }

    public static DeleteBrake of(long count) {
        return new DeleteBrake(null, count);
    }

    /** @param rows the target has before anything is deleted */
    public boolean stops(long deletes, long rows) {
        return share != null ? deletes > share.share() * rows : deletes > (count == null ? 0 : count);
    }

    /** For example {@code 20 %} or {@code 500 rows}. */
    @Override
    public String toString() {
        return share != null ? share.toString() : count + " rows";
    }
}
