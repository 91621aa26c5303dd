package io.watchkeeper.toolkit.index;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When bloat is worth telling of.
 *
 * @param tables names or patterns; empty for every table of the database
 * @param warn from this share of a table or index on
 * @param fail likewise; null for never
 * @param deadTuples from this share of a table's rows on
 * @param lasting only what has been so for so long; zero for at once
 * @param least what is smaller is not looked at
 */
public record BloatLimits(
        List<String> tables, Ratio warn, @Nullable Ratio fail, Ratio deadTuples, Duration lasting, Bytes least) {

    public static final Ratio WARN = Ratio.percent(25);
    public static final Ratio DEAD_TUPLES = Ratio.percent(10);

    public BloatLimits {
        tables = List.copyOf(tables);
    }

    /** The limits of daily work. */
    public static BloatLimits of(List<String> tables) {
        return new BloatLimits(tables, WARN, null, DEAD_TUPLES, Duration.ZERO, BloatReader.LEAST);
    }
}
