package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Brings a table that was filled from many snapshots to the state of one: rows written since the first of them are replaced, rows
 * that are gone are deleted. In the caller's transactions on both sides.
 *
 * <p>Gone keys and changed keys are deleted before the changed rows are inserted, because with a second unique column any other order
 * can meet a value that another row is about to give up.
 */
public final class CatchUp {

    private static final String CHANGED = "watchkeeper_changed";
    private static final String KEYS = "watchkeeper_keys";

    private final Session source;
    private final Session target;
    private final PreparedCopy copy;
    private final TableName filled;
    private final String filledAlone;
    private final List<CopiedColumn> key;
    private final RateLimit limit;
    private final CopyProgress progress;

    /** @param filled the target's table, or the one that is to take its place */
    public CatchUp(
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
    public long replaceChanged(RowStream stream, SourceMark from, SourceMark to) throws SQLException {
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
    public long mergeChanged(RowStream stream, SourceMark from, SourceMark to) throws SQLException {
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

    public RowStream stream() {
        return new RowStream(source, target, limit, progress);
    }

    /**
     * Deletes the target's rows whose keys the source does not have. The servers compare sums over buckets of keys; only the keys
     * of buckets that differ travel.
     *
     * @return how many
     */
    public long deleteGone() throws SQLException {
        String here = CopySql.keyHash(copy, key, CopiedColumn::sourceText);
        String there = CopySql.keyHash(copy, key, CopiedColumn::targetText);
        BucketComparison.Differing differing =
                new BucketComparison(source, target, sourceRows(here, here), targetRows(there, there)).find();
        if (differing.isNone()) {
            return 0;
        }
        String columns = Identifiers.quoteAll(copy.key());
        target.update("DROP TABLE IF EXISTS pg_temp." + KEYS + "; CREATE TEMP TABLE " + KEYS
                + " ON COMMIT DROP AS SELECT " + columns + " FROM " + filled.quoted() + " WITH NO DATA");
        RowStream stream = new RowStream(source, target, limit, progress);
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(
                    "COPY (SELECT " + columns + " FROM ONLY " + relation.quoted()
                            + CopySql.where(copy, differing.condition(here)) + ") TO STDOUT",
                    "COPY pg_temp." + KEYS + " FROM STDIN");
        }
        return target.update("DELETE FROM " + filledAlone + " t WHERE " + differing.condition(there)
                + " AND NOT EXISTS (SELECT FROM pg_temp." + KEYS + " c WHERE " + equalKeys("t", "c") + ")");
    }

    /**
     * Replaces whatever is not as the source has it, by sums over buckets of whole rows: all rows of a bucket that differs go, and
     * come again. This sees what no mark of the source tells, as rows that others changed on the target.
     *
     * @return how many rows came again
     */
    public long repair() throws SQLException {
        String here = CopySql.rowHash(copy, copy.columns(), CopiedColumn::sourceText);
        String there = CopySql.rowHash(copy, copy.columns(), CopiedColumn::targetText);
        String hereBy = key.isEmpty() ? here : CopySql.keyHash(copy, key, CopiedColumn::sourceText);
        String thereBy = key.isEmpty() ? there : CopySql.keyHash(copy, key, CopiedColumn::targetText);
        BucketComparison.Differing differing =
                new BucketComparison(source, target, sourceRows(hereBy, here), targetRows(thereBy, there)).find();
        if (differing.isNone()) {
            return 0;
        }
        target.update("DELETE FROM " + filledAlone + " WHERE " + differing.condition(thereBy));
        RowStream stream = stream();
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(
                    CopySql.copyOut(copy, relation, differing.condition(hereBy)), CopySql.copyIn(copy, filled, false));
        }
        return stream.rowsWritten();
    }

    private String sourceRows(String by, String hash) {
        return copy.sourceRelations().stream()
                .map(relation -> "SELECT " + by + " AS k, " + hash + " AS h FROM ONLY " + relation.quoted()
                        + CopySql.where(copy, null))
                .collect(Collectors.joining(" UNION ALL "));
    }

    private String targetRows(String by, String hash) {
        return "SELECT " + by + " AS k, " + hash + " AS h FROM " + filledAlone;
    }

    private String equalKeys(String a, String b) {
        return copy.key().stream()
                .map(Identifiers::quote)
                .map(column -> a + "." + column + " = " + b + "." + column)
                .collect(Collectors.joining(" AND "));
    }
}
