package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
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

    /** A bucket of so many rows is not worth another step. */
    private static final int ROWS_OF_BUCKET = 64;

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
        Map<Long, Sum> here = new HashMap<>();
        Map<Long, Sum> there = new HashMap<>();
        List<Long> differing = compare(0, new Differing(0, List.of(0L), 0, 0), here, there);
        long sourceCount = rows(here);
        long targetCount = rows(there);
        Differing found = new Differing(0, differing, sourceCount, targetCount);
        boolean allOrNothing = sourceCount == 0 || targetCount == 0;
        if (found.isNone() || allOrNothing || Math.max(sourceCount, targetCount) <= ROWS_OF_BUCKET) {
            return found;
        }
        long buckets = 1;
        while (buckets < BUCKETS_OF_STEP && buckets * ROWS_OF_BUCKET < Math.max(sourceCount, targetCount)) {
            buckets *= 2;
        }
        while (true) {
            here.clear();
            there.clear();
            differing = compare(buckets - 1, found, here, there);
            found = new Differing(buckets - 1, differing, sourceCount, targetCount);
            if (found.isNone() || isFine(differing, here, there) || buckets >= MOST_BUCKETS) {
                // None: what differed is equal now, which happens only where one of the sides is no fixed view.
                return found;
            }
            buckets *= BUCKETS_BELOW;
        }
    }

    /** Whether the rows of differing buckets are few, or nearly all of them would have to be told apart one by one. */
    private static boolean isFine(List<Long> differing, Map<Long, Sum> here, Map<Long, Sum> there) {
        long rows = 0;
        for (Long bucket : differing) {
            rows += Math.max(here.getOrDefault(bucket, Sum.NONE).rows, there.getOrDefault(bucket, Sum.NONE).rows);
        }
        return rows <= (long) differing.size() * ROWS_OF_BUCKET * 2
                || differing.size() > BUCKETS_OF_STEP * BUCKETS_BELOW / 4;
    }

    private record Sum(long rows, BigDecimal sum) {
        static final Sum NONE = new Sum(0, BigDecimal.ZERO);
    }

    private List<Long> compare(long mask, Differing within, Map<Long, Sum> here, Map<Long, Sum> there)
            throws SQLException {
        SourceReading<Map<Long, Sum>> reading =
                SourceReading.start(source, () -> sums(source, sourceRows, mask, within));
        try {
            there.putAll(sums(target, targetRows, mask, within));
        } catch (SQLException | RuntimeException e) {
            reading.abandon();
            throw e;
        }
        here.putAll(reading.await());
        List<Long> differing = new ArrayList<>();
        there.forEach((bucket, sum) -> {
            if (!sum.equals(here.get(bucket))) {
                differing.add(bucket);
            }
        });
        here.keySet().stream().filter(bucket -> !there.containsKey(bucket)).forEach(differing::add);
        return differing;
    }

    private static Map<Long, Sum> sums(Session session, String rows, long mask, Differing within) throws SQLException {
        boolean all = mask == 0;
        String bucket = all ? "0::bigint" : "k & " + mask;
        String sql = "SELECT " + bucket + ", count(*), sum(h) FROM (" + rows + ") r"
                + (within.mask == 0 ? "" : " WHERE " + within.condition("k"))
                + (all ? " HAVING count(*) > 0" : " GROUP BY 1");
        Map<Long, Sum> sums = new HashMap<>();
        session.listVerbatim(sql, row -> Map.entry(row.getLong(1), new Sum(row.getLong(2), row.getBigDecimal(3))))
                .forEach(sum -> sums.put(sum.getKey(), sum.getValue()));
        return sums;
    }

    private static long rows(Map<Long, Sum> sums) {
        return sums.values().stream().mapToLong(Sum::rows).sum();
    }
}
