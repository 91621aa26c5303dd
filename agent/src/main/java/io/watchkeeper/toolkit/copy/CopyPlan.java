package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to copy, and how.
 *
 * @param from the source's table
 * @param to the target's table
 * @param columns names as the catalogue holds them; empty for all columns of the source
 * @param where an SQL condition on the source's rows; null for all of them
 * @param rateLimit per second; null for as fast as it goes
 * @param rebuildIndexes whether the target's indexes are dropped for the load and built again after it, where that is possible;
 *     null for where it pays
 * @param verify whether the copied rows are counted and checksummed on both sides before the target commits
 * @param analyze whether the target's statistics are renewed afterwards
 */
public record CopyPlan(
        TableName from,
        TableName to,
        List<String> columns,
        @Nullable String where,
        CopyStrategy strategy,
        CopyFormat format,
        @Nullable Bytes rateLimit,
        @Nullable Boolean rebuildIndexes,
        boolean verify,
        boolean analyze) {

    public CopyPlan {
        columns = List.copyOf(columns);
    }

    /** The whole table under the same name, replaced, verified and analyzed. */
    public static CopyPlan of(TableName table) {
        return new CopyPlan(
                table, table, List.of(), null, CopyStrategy.TRUNCATE, CopyFormat.AUTO, null, null, true, true);
    }

    public CopyPlan withTables(TableName newFrom, TableName newTo) {
        return new CopyPlan(
                newFrom, newTo, columns, where, strategy, format, rateLimit, rebuildIndexes, verify, analyze);
    }

    public CopyPlan withColumns(List<String> newColumns) {
        return new CopyPlan(from, to, newColumns, where, strategy, format, rateLimit, rebuildIndexes, verify, analyze);
    }

    public CopyPlan withWhere(@Nullable String newWhere) {
        return new CopyPlan(from, to, columns, newWhere, strategy, format, rateLimit, rebuildIndexes, verify, analyze);
    }

    public CopyPlan withStrategy(CopyStrategy newStrategy) {
        return new CopyPlan(from, to, columns, where, newStrategy, format, rateLimit, rebuildIndexes, verify, analyze);
    }

    public CopyPlan withFormat(CopyFormat newFormat) {
        return new CopyPlan(from, to, columns, where, strategy, newFormat, rateLimit, rebuildIndexes, verify, analyze);
    }

    public CopyPlan withRateLimit(@Nullable Bytes newRateLimit) {
        return new CopyPlan(from, to, columns, where, strategy, format, newRateLimit, rebuildIndexes, verify, analyze);
    }

    public CopyPlan withVerify(boolean newVerify) {
        return new CopyPlan(from, to, columns, where, strategy, format, rateLimit, rebuildIndexes, newVerify, analyze);
    }

    public CopyPlan withAnalyze(boolean newAnalyze) {
        return new CopyPlan(from, to, columns, where, strategy, format, rateLimit, rebuildIndexes, verify, newAnalyze);
    }

    public CopyPlan withRebuildIndexes(@Nullable Boolean newRebuildIndexes) {
        return new CopyPlan(from, to, columns, where, strategy, format, rateLimit, newRebuildIndexes, verify, analyze);
    }
}
