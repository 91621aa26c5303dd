package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Brings a table that was filled from many snapshots to the state of one: rows written since the first of them are replaced, rows
 * that are gone are deleted. In the caller's transactions on both sides.
 *
 * <p>Gone keys and changed keys are deleted before the changed rows are inserted, because with a second unique column any other order
 * can meet a value that another row is about to give up.
 */
final class CatchUp {

    private static final String CHANGED = "watchkeeper_changed";
    private static final String KEYS = "watchkeeper_keys";
    private static final long ROWS_OF_BUCKET = 256;
    private static final long MOST_BUCKETS = 1 << 16;

    private final Session source;
    private final Session target;
    private final PreparedCopy copy;
    private final TableName filled;
    private final String filledAlone;
    private final List<CopiedColumn> key;
    private final RateLimit limit;
    private final CopyProgress progress;

    /** @param filled the target's table, or the one that is to take its place */
    CatchUp(
            Session source,
            Session target,
            PreparedCopy copy,
            TableName filled,
            RateLimit limit,
            CopyProgress progress) {
        this.source = source;
        this.target = target;
        this.copy = copy;
        this.filled = filled;
        this.filledAlone = (copy.target().isPartitioned() ? "" : "ONLY ") + filled.quoted();
        this.key = copy.key().stream().map(copy::column).toList();
        this.limit = limit;
        this.progress = progress;
    }

    /** Replaces what was written between two marks, the later one being that of the source's transaction. @return how many rows */
    long replaceChanged(RowStream stream, SourceMark from, SourceMark to) throws SQLException {
        if (to.isSameAs(from)) {
            return 0;
        }
        String columns = Identifiers.quoteAll(copy.columnNames());
        target.update("CREATE TEMP TABLE " + CHANGED + " ON COMMIT DROP AS SELECT " + columns + " FROM "
                + filled.quoted() + " WITH NO DATA");
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(
                    CopySql.copyOut(copy, relation, to.writtenSince(from)),
                    "COPY pg_temp." + CHANGED + " (" + columns + ") FROM STDIN (FORMAT " + copy.format() + ")");
        }
        if (stream.rowsWritten() > 0) {
            deleteGone();
            target.update(
                    "DELETE FROM " + filledAlone + " t USING pg_temp." + CHANGED + " c WHERE " + equalKeys("t", "c"));
            target.update("INSERT INTO " + filled.quoted() + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT "
                    + columns + " FROM pg_temp." + CHANGED);
        }
        return stream.rowsWritten();
    }

    /** Merges what was written between two marks; what is gone from the source stays. @return how many rows were added or changed */
    long mergeChanged(RowStream stream, SourceMark from, SourceMark to) throws SQLException {
        if (to.isSameAs(from)) {
            return 0;
        }
        MergeLoad merge = new MergeLoad(copy);
        target.runVerbatim(String.join("; ", merge.createStaging()));
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(CopySql.copyOut(copy, relation, to.writtenSince(from)), merge.copyIn());
        }
        return merge.apply(target);
    }

    RowStream stream() {
        return new RowStream(source, target, limit, progress);
    }

    /**
     * Deletes the target's rows whose keys the source does not have. The servers compare sums over buckets of keys; only the keys
     * of buckets that differ travel.
     *
     * @return how many
     */
    long deleteGone() throws SQLException {
        long buckets = buckets();
        String here = CopySql.rowHash(copy, key, CopiedColumn::sourceText);
        String there = CopySql.rowHash(copy, key, CopiedColumn::targetText);
        List<Long> differing = differing(
                sums(source, sourceRows(here), buckets),
                sums(target, "SELECT " + there + " AS h FROM " + filledAlone, buckets));
        if (differing.isEmpty()) {
            return 0;
        }
        String columns = Identifiers.quoteAll(copy.key());
        target.update("DROP TABLE IF EXISTS pg_temp." + KEYS + "; CREATE TEMP TABLE " + KEYS
                + " ON COMMIT DROP AS SELECT " + columns + " FROM " + filled.quoted() + " WITH NO DATA");
        String list = differing.stream().map(String::valueOf).collect(Collectors.joining(","));
        RowStream stream = new RowStream(source, target, limit, progress);
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(
                    "COPY (SELECT " + columns + " FROM ONLY " + relation.quoted()
                            + CopySql.where(copy, bucket(here, buckets) + " = ANY ('{" + list + "}')") + ") TO STDOUT",
                    "COPY pg_temp." + KEYS + " FROM STDIN");
        }
        return target.update("DELETE FROM " + filledAlone + " t WHERE " + bucket(there, buckets) + " = ANY ('{" + list
                + "}') AND NOT EXISTS (SELECT FROM pg_temp." + KEYS + " c WHERE " + equalKeys("t", "c") + ")");
    }

    /**
     * Replaces whatever is not as the source has it, by sums over buckets of whole rows: all rows of a bucket that differs go, and
     * come again. This sees what no mark of the source tells, as rows that others changed on the target.
     *
     * @return how many rows came again
     */
    long repair() throws SQLException {
        long buckets = buckets();
        String here = CopySql.rowHash(copy, copy.columns(), CopiedColumn::sourceText);
        String there = CopySql.rowHash(copy, copy.columns(), CopiedColumn::targetText);
        List<Long> differing = differing(
                sums(source, sourceRows(here), buckets),
                sums(target, "SELECT " + there + " AS h FROM " + filledAlone, buckets));
        if (differing.isEmpty()) {
            return 0;
        }
        String list = " = ANY ('{" + differing.stream().map(String::valueOf).collect(Collectors.joining(",")) + "}')";
        target.update("DELETE FROM " + filledAlone + " WHERE " + bucket(there, buckets) + list);
        RowStream stream = stream();
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(
                    CopySql.copyOut(copy, relation, bucket(here, buckets) + list), CopySql.copyIn(copy, filled, false));
        }
        return stream.rowsWritten();
    }

    private long buckets() {
        long buckets = 1;
        while (buckets < MOST_BUCKETS
                && buckets * ROWS_OF_BUCKET < copy.source().estimatedRows()) {
            buckets *= 2;
        }
        return buckets;
    }

    private String sourceRows(String hash) {
        return copy.sourceRelations().stream()
                .map(relation -> "SELECT " + hash + " AS h FROM ONLY " + relation.quoted() + CopySql.where(copy, null))
                .collect(Collectors.joining(" UNION ALL "));
    }

    private static String bucket(String hash, long buckets) {
        return "(" + hash + " & " + (buckets - 1) + ")";
    }

    private static Map<Long, List<BigDecimal>> sums(Session session, String rows, long buckets) throws SQLException {
        Map<Long, List<BigDecimal>> sums = new HashMap<>();
        session.list(
                        "SELECT h & " + (buckets - 1) + ", count(*), sum(h) FROM (" + rows + ") r GROUP BY 1",
                        row -> Map.entry(row.getLong(1), List.of(row.getBigDecimal(2), row.getBigDecimal(3))))
                .forEach(sum -> sums.put(sum.getKey(), sum.getValue()));
        return sums;
    }

    private static List<Long> differing(Map<Long, List<BigDecimal>> here, Map<Long, List<BigDecimal>> there) {
        List<Long> differing = new ArrayList<>();
        there.forEach((bucket, sum) -> {
            if (!sum.equals(here.get(bucket))) {
                differing.add(bucket);
            }
        });
        here.keySet().stream().filter(bucket -> !there.containsKey(bucket)).forEach(differing::add);
        return differing;
    }

    private String equalKeys(String a, String b) {
        return copy.key().stream()
                .map(Identifiers::quote)
                .map(column -> a + "." + column + " = " + b + "." + column)
                .collect(Collectors.joining(" AND "));
    }
}
