package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.BucketComparison;
import io.watchkeeper.toolkit.copy.CopiedColumn;
import io.watchkeeper.toolkit.copy.CopySql;
import java.sql.SQLException;
import java.util.List;

/**
 * What the two sides of a round have that the other has not, and how many rows they have. Rows that the target lacks, or has otherwise, are
 * staged; keys that are gone from the source are listed.
 */
final class Differences {

    private final Session source;
    private final Session target;
    private final PreparedSync sync;
    private final Staging staging;

    /** How many rows the source has; -1 while that is not known. */
    private long sourceRows = -1;

    /** How many rows the target had before; -1 while that is not known. */
    private long targetRows = -1;

    private long fresh;
    private boolean none;

    Differences(Session source, Session target, PreparedSync sync, Staging staging) {
        this.source = source;
        this.target = target;
        this.sync = sync;
        this.staging = staging;
    }

    long sourceRows() {
        return sourceRows;
    }

    void knowSourceRows(long rows) {
        sourceRows = rows;
    }

    long targetRows() {
        return targetRows;
    }

    void knowTargetRows(long rows) {
        targetRows = rows;
    }

    /** Staged rows whose keys the target does not have. */
    long fresh() {
        return fresh;
    }

    /** Whether all rows were compared, and are the same. */
    boolean isNone() {
        return none;
    }

    void countTarget() throws SQLException {
        targetRows = target.oneVerbatim(sync.targetRows("count(*)", null), row -> row.getLong(1));
    }

    /** Counts the staged rows whose keys the target does not have. */
    void countFresh() throws SQLException {
        fresh = staging.isEmpty()
                ? 0
                : target.oneVerbatim(
                        "SELECT count(*) FROM " + staging.rows() + " s WHERE NOT EXISTS (SELECT FROM "
                                + sync.target().quotedAlone() + " t WHERE " + sync.equalKeys("t", "s") + ")",
                        row -> row.getLong(1));
    }

    /**
     * Finds keys that only one side has.
     *
     * @param knowsTheRest whether all that was written on the source is staged, so that what the target lacks was deleted there by others
     */
    void compareKeys(boolean knowsTheRest) throws SQLException {
        String here = sync.hashHere();
        String hashThere = sync.hashThere();
        String staged = staging.isEmpty()
                ? ""
                : " UNION ALL SELECT " + hashThere + ", " + hashThere + " FROM " + staging.rows()
                        + " s WHERE NOT EXISTS (SELECT FROM " + sync.target().quotedAlone() + " t"
                        + CopySql.where(sync.copy(), sync.equalKeys("t", "s")) + ")";
        BucketComparison.Differing differing = new BucketComparison(
                        source,
                        target,
                        sync.sourceRows(here + " AS k, " + here + " AS h"),
                        sync.targetRows(hashThere + " AS k, " + hashThere + " AS h", null) + staged)
                .find();
        sourceRows = differing.sourceRows();
        if (differing.isNone()) {
            return;
        }
        staging.bringKeys(differing.condition(here));
        findGone(differing.condition(hashThere), staging.keys());
        bringMissing(differing, knowsTheRest);
    }

    private void findGone(String condition, String present) throws SQLException {
        staging.makeGone();
        target.runVerbatim("INSERT INTO " + staging.gone() + " "
                + sync.targetRows(
                        staging.keyList("t."),
                        condition + " AND NOT EXISTS (SELECT FROM " + present + " c WHERE " + sync.equalKeys("t", "c")
                                + ")"));
        target.runVerbatim("ANALYZE " + staging.gone());
    }

    /** Rows that the source has, that nobody has written there since, and that the target lacks: somebody deleted them there. */
    private void bringMissing(BucketComparison.Differing differing, boolean knowsTheRest) throws SQLException {
        String missing = "NOT EXISTS (SELECT FROM " + sync.target().quotedAlone() + " t"
                + CopySql.where(sync.copy(), sync.equalKeys("t", "m")) + ")"
                + (staging.isEmpty()
                        ? ""
                        : " AND NOT EXISTS (SELECT FROM " + staging.rows() + " s WHERE " + sync.equalKeys("s", "m")
                                + ")");
        List<Long> buckets = target.listVerbatim(
                "SELECT DISTINCT " + sync.hashThere() + " & " + differing.mask() + " FROM " + staging.keys()
                        + " m WHERE " + missing,
                row -> row.getLong(1));
        if (buckets.isEmpty()) {
            return;
        }
        if (knowsTheRest && sync.options().localEdits() == LocalEdits.FAIL) {
            throw LocalRows.deleted(target, sync, staging.keys() + " m WHERE " + missing);
        }
        BucketComparison.Differing some = new BucketComparison.Differing(differing.mask(), buckets, 0, 0);
        staging.bringMore(some.condition(sync.hashHere()), missing);
        countFresh();
    }

    /** Compares all rows, and brings those of buckets that differ. */
    void compareRows() throws SQLException {
        String here = sync.hashHere();
        String hashThere = sync.hashThere();
        BucketComparison.Differing differing = new BucketComparison(
                        source,
                        target,
                        sync.sourceRows(here + " AS k, "
                                + CopySql.rowHash(sync.copy(), sync.copy().columns(), CopiedColumn::sourceText)
                                + " AS h"),
                        sync.targetRows(
                                hashThere + " AS k, "
                                        + CopySql.rowHash(
                                                sync.copy(), sync.copy().columns(), CopiedColumn::targetText)
                                        + " AS h",
                                null))
                .find();
        sourceRows = differing.sourceRows();
        targetRows = differing.targetRows();
        none = differing.isNone();
        if (none) {
            return;
        }
        staging.clear();
        for (TableName relation : sync.copy().sourceRelations()) {
            staging.bring(relation, differing.condition(here));
        }
        target.runVerbatim(
                "CREATE INDEX ON " + staging.rows() + " (" + staging.keyList("") + "); ANALYZE " + staging.rows());
        countFresh();
        if (sync.options().deletes()) {
            findGone(differing.condition(hashThere), staging.rows());
        }
    }
}
