package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Finds where two sets of rows differ without sending them: both servers, at the same time, count and sum hashes of rows by buckets,
 * first a few, then more of them within those that differ, until a bucket has few rows. With no difference, one line travels from
 * each server.
 *
 * <p>Rows are put into buckets by the low bits of a hash of their key, so that a row and its counterpart meet in the same one.
 */
public final class BucketComparison {

    /** What one step looks at: few enough to be sent over a slow link when nothing differs further down. */
    private static final int BUCKETS_OF_STEP = 512;

    private static final int BUCKETS_BELOW = 64;

    /** Of a bucket that has not many rows any more. */
    private static final int BUCKETS_BELOW_SMALL = 16;

    private static final int SMALL_BUCKET = 512;

    /** A bucket of so many rows is not worth another step. */
    private static final int ROWS_OF_BUCKET = 64;

    /** The planner takes each row for a bucket of its own, and would sort them all for that. */
    private static final String WITHOUT_SORT =
            "select set_config('watchkeeper.enable_sort', current_setting('enable_sort'), true), set_config('enable_sort', 'off', true)";

    private static final String AS_BEFORE =
            "select set_config('enable_sort', current_setting('watchkeeper.enable_sort'), true)";

    private static final long MOST_BUCKETS = 1L << 40;

    private final Session source;
    private final Session target;
    private final String sourceRows;
    private final String targetRows;

    /**
     * @param sourceRows a query that returns {@code k} and {@code h} for each row: a hash of its key and one of all that is compared
     * @param targetRows the same for the target
     */
    public BucketComparison(Session source, Session target, String sourceRows, String targetRows) {
        this.source = source;
        this.target = target;
        this.sourceRows = sourceRows;
        this.targetRows = targetRows;
    }

    /**
     * Buckets whose rows are not the same on both sides.
     *
     * @param mask of the hash's low bits that tell buckets apart; 0 when all rows are in one
     * @param buckets none when the sets are equal
     * @param sourceRows how many rows the source has in all
     * @param targetRows likewise
     */
    public record Differing(long mask, List<Long> buckets, long sourceRows, long targetRows) {

        public Differing {
            buckets = List.copyOf(buckets);
        }

        public boolean isNone() {
            return buckets.isEmpty();
        }

        /** An SQL condition: the row is in one of the buckets. @param keyHash an expression */
        public String condition(String keyHash) {
            if (mask == 0) {
                return isNone() ? "false" : "true";
            }
            return "(" + keyHash + " & " + mask + ") = ANY ('{"
                    + buckets.stream().map(String::valueOf).collect(Collectors.joining(",")) + "}'::bigint[])";
        }
    }

    /** Compares all, and looks closer where that differs. */
    public Differing find() throws SQLException {
        return find(ROWS_OF_BUCKET);
    }

    /**
     * The same down to buckets of so many rows: fewer rows have to travel then, and the servers look once more.
     *
     * @param rowsOfBucket about
     */
    public Differing find(int rowsOfBucket) throws SQLException {
        Sum here;
        Sum there;
        SourceReading<Sum> reading = SourceReading.start(source, () -> sum(source, sourceRows));
        try {
            there = sum(target, targetRows);
        } catch (SQLException | RuntimeException e) {
            reading.abandon();
            throw e;
        }
        here = reading.await();
        long rows = Math.max(here.rows, there.rows);
        Differing found = new Differing(0, here.equals(there) ? List.of() : List.of(0L), here.rows, there.rows);
        boolean allOrNothing = here.rows == 0 || there.rows == 0;
        if (found.isNone() || allOrNothing || rows <= ROWS_OF_BUCKET) {
            return found;
        }
        long buckets = 1;
        while (buckets < BUCKETS_OF_STEP && buckets * rowsOfBucket < rows) {
            buckets *= 2;
        }
        while (true) {
            found = new Differing(buckets - 1, compare(buckets - 1, found), here.rows, there.rows);
            boolean fine = rows <= buckets * rowsOfBucket * 2
                    // Nearly all of them would have to be told apart one by one.
                    || found.buckets.size() > BUCKETS_OF_STEP * BUCKETS_BELOW / 4;
            if (found.isNone() || fine || buckets >= MOST_BUCKETS) {
                // None: what differed is equal now, which happens only where one of the sides is no fixed view.
                return found;
            }
            buckets *= rows / buckets > SMALL_BUCKET ? BUCKETS_BELOW : BUCKETS_BELOW_SMALL;
        }
    }

    private record Sum(long rows, BigDecimal sum) {}

    private static Sum sum(Session session, String rows) throws SQLException {
        return session.oneVerbatim(
                "SELECT count(*), coalesce(sum(h), 0) FROM (" + rows + ") r",
                row -> new Sum(row.getLong(1), row.getBigDecimal(2)));
    }

    /** Sums of all buckets within those that differ, each in a few bytes. */
    private List<Long> compare(long mask, Differing within) throws SQLException {
        Map<Long, Long> here;
        Map<Long, Long> there;
        SourceReading<Map<Long, Long>> reading =
                SourceReading.start(source, () -> sums(source, sourceRows, mask, within));
        try {
            there = sums(target, targetRows, mask, within);
        } catch (SQLException | RuntimeException e) {
            reading.abandon();
            throw e;
        }
        here = reading.await();
        List<Long> differing = new ArrayList<>();
        there.forEach((bucket, sum) -> {
            if (!sum.equals(here.get(bucket))) {
                differing.add(bucket);
            }
        });
        here.keySet().stream().filter(bucket -> !there.containsKey(bucket)).forEach(differing::add);
        return differing;
    }

    /** As one text, because a row for each bucket would be three times as long. */
    private static Map<Long, Long> sums(Session session, String rows, long mask, Differing within) throws SQLException {
        boolean small = mask <= Integer.MAX_VALUE;
        String sql = "SELECT encode(string_agg(" + (small ? "int4send(b::int)" : "int8send(b)")
                + " || substring(int8send(d) from 3), ''::bytea), 'base64') FROM (SELECT k & " + mask
                + " AS b, mod(count(*) * 1000003 + sum(h), " + (1L << 48) + ")::bigint AS d FROM (" + rows + ") r"
                + (within.mask == 0 ? "" : " WHERE " + within.condition("k")) + " GROUP BY 1) s";
        String packed = session.lists(
                        List.of(WITHOUT_SORT, sql, AS_BEFORE), row -> row.getString(1) == null ? "" : row.getString(1))
                .get(1)
                .get(0);
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getMimeDecoder().decode(packed));
        Map<Long, Long> sums = new HashMap<>();
        while (bytes.hasRemaining()) {
            long bucket = small ? bytes.getInt() : bytes.getLong();
            sums.put(bucket, (long) bytes.getShort() << 32 | Integer.toUnsignedLong(bytes.getInt()));
        }
        return sums;
    }
}
