package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a table into ranges of its key, one after the other, of such a size that a range takes about as long as it should. The borders
 * come from a sample of the source's pages, taken once; ranges together hold every key there is, also those only the target has.
 */
final class RangeWalk {

    /** What a server hashes in a second, until it is known better. */
    static final long ROWS_PER_SECOND = 1_000_000;

    /** Pieces of the first range, so that there are borders for smaller ones. */
    private static final int PIECES = 16;

    private static final int MOST_PIECES = 4_096;
    private static final int SAMPLED_ROWS_OF_PIECE = 200;

    private final Duration goal;
    private final double smallest;
    private final List<List<String>> borders;
    private final double rowsOfPiece;
    private double inRange;
    private int next;
    private @Nullable List<String> after;
    private boolean ended;

    private RangeWalk(
            Duration goal,
            double smallest,
            List<List<String>> borders,
            double rowsOfPiece,
            double inRange,
            @Nullable List<String> after) {
        this.goal = goal;
        this.smallest = smallest;
        this.borders = borders;
        this.rowsOfPiece = rowsOfPiece;
        this.inRange = inRange;
        this.after = after;
    }

    /**
     * A range.
     *
     * @param after its first key comes after this one; null for the beginning
     * @param upTo its last key; null for the end
     */
    record Range(@Nullable List<String> after, @Nullable List<String> upTo) {}

    static double firstSize(Duration goal) {
        return ROWS_PER_SECOND * (goal.toNanos() / 1e9);
    }

    /** @param from where an earlier walk ended; null to begin */
    static RangeWalk of(Session source, PreparedVerification plan, @Nullable Checkpoint from) throws SQLException {
        Duration goal = plan.plan().options().chunkTime();
        double first = firstSize(goal);
        double inRange = from == null ? first : from.inRange();
        double rows = Math.max(1, plan.estimatedRows() - (from == null ? 0 : from.rowsHere()));
        List<String> after = from == null ? null : from.position();
        int pieces = (int) Math.max(1, Math.min(MOST_PIECES, Math.ceil(rows * PIECES / Math.min(first, inRange))));
        double percent = Math.min(100, 100.0 * pieces * SAMPLED_ROWS_OF_PIECE / Math.max(1, plan.estimatedRows()));
        List<List<String>> borders =
                source.listVerbatim(plan.here().borders(pieces, percent, after), RangeWalk::values);
        return new RangeWalk(goal, first / PIECES, borders, rows / (borders.size() + 1), inRange, after);
    }

    private static List<String> values(ResultSet row) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            values.add(row.getString(i));
        }
        return values;
    }

    /** The next range; null when there is none left. */
    @Nullable
    Range next() {
        if (ended) {
            return null;
        }
        next += (int) Math.max(1, Math.round(inRange / rowsOfPiece));
        ended = next > borders.size();
        Range range = new Range(after, ended ? null : borders.get(next - 1));
        after = range.upTo;
        return range;
    }

    /** Learns from the last range. */
    void took(Duration time) {
        double factor = (double) goal.toNanos() / Math.max(1, time.toNanos());
        inRange = Math.max(smallest, inRange * Math.max(0.5, Math.min(2, factor)));
    }

    double inRange() {
        return inRange;
    }
}
