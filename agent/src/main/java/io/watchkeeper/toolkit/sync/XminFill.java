package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.BucketComparison;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.RowStream;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fills {@link SourceXmin} in rows that were brought before it was kept, without bringing them again: their keys are enough. */
final class XminFill {

    /** With more rows than this, all keys travel. */
    private static final long FEW = 10_000;

    private static final int ROWS_OF_BUCKET = 64;

    private final Session target;
    private final PreparedSync sync;
    private final Staging staging;
    private final RowStream keyStream;
    private final SourceMark now;

    XminFill(Session target, PreparedSync sync, Staging staging, RowStream keyStream, SourceMark now) {
        this.target = target;
        this.sync = sync;
        this.staging = staging;
        this.keyStream = keyStream;
        this.now = now;
    }

    /** @param rows about how many the source has @return how many were filled */
    long fill(long rows) throws SQLException {
        if (sync.xmin() != SourceXmin.Use.KEPT) {
            return 0;
        }
        String unknown = "t." + SourceXmin.COLUMN + " IS NULL";
        long count = target.oneVerbatim(
                "SELECT count(*) FROM (" + sync.targetRows("1", unknown) + " LIMIT " + (FEW + 1) + ") u",
                row -> row.getLong(1));
        if (count == 0) {
            return 0;
        }
        String name = "watchkeeper_xmin_" + staging.number();
        String columns = staging.keyList("") + ", " + SourceXmin.COLUMN;
        target.runVerbatim("CREATE TEMP TABLE " + name + " ON COMMIT DROP AS SELECT " + columns + " FROM "
                + sync.target().quotedAlone() + " WITH NO DATA");
        @Nullable String some = count > FEW ? null : buckets(unknown, rows);
        for (TableName relation : sync.copy().sourceRelations()) {
            keyStream.pump(
                    "COPY (SELECT " + staging.keyList("") + ", " + SourceXmin.onSource(now) + " FROM ONLY "
                            + relation.quoted() + CopySql.where(sync.copy(), some) + ") TO STDOUT",
                    "COPY pg_temp." + name + " (" + columns + ") FROM STDIN");
        }
        target.runVerbatim("ANALYZE pg_temp." + name);
        return target.updateVerbatim("UPDATE " + sync.target().quotedAlone() + " t SET "
                + SourceXmin.COLUMN + " = x." + SourceXmin.COLUMN + " FROM pg_temp." + name + " x WHERE "
                + sync.equalKeys("t", "x") + " AND " + unknown);
    }

    private String buckets(String unknown, long rows) throws SQLException {
        long mask = 1;
        while (mask * ROWS_OF_BUCKET < rows) {
            mask *= 2;
        }
        List<Long> buckets = target.listVerbatim(
                sync.targetRows("DISTINCT " + sync.hashThere() + " & " + (mask - 1), unknown), row -> row.getLong(1));
        return new BucketComparison.Differing(mask - 1, buckets, 0, 0).condition(sync.hashHere());
    }
}
