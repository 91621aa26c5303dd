package io.watchkeeper.toolkit.copy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How tables are copied: the same for one and for several.
 *
 * @param columns names as the catalogue holds them; empty for all columns of the source
 * @param where an SQL condition on the source's rows; null for all of them
 * @param partition the target's partition that is replaced, with strategy partition; else null
 * @param mergeBy what tells rows apart, with strategy merge
 * @param sourceAddress where the target's server finds the source, with method fdw; null for where the agent does
 * @param resume whether the copy goes in chunks that are recorded in the target, and goes on where an earlier one was interrupted
 * @param rebuildIndexes whether the target's indexes are dropped for the load and built again after it, where that is possible;
 *     null for where it pays
 * @param verify whether the copied rows are counted and checksummed on both sides before they count as copied
 * @param analyze whether the target's statistics are renewed afterwards
 * @param suspendAutovacuum whether autovacuum leaves the target's table alone while it is filled
 */
public record CopyOptions(
        List<String> columns,
        @Nullable String where,
        CopyStrategy strategy,
        @Nullable String partition,
        MergeBy mergeBy,
        CopyFormat format,
        CopyMethod method,
        @Nullable String sourceAddress,
        Pace pace,
        boolean resume,
        @Nullable Boolean rebuildIndexes,
        boolean verify,
        boolean analyze,
        boolean suspendAutovacuum) {

    /** All rows, replaced, verified and analyzed. */
    public static final CopyOptions DEFAULT = new CopyOptions(
            List.of(),
            null,
            CopyStrategy.TRUNCATE,
            null,
            MergeBy.PRIMARY_KEY,
            CopyFormat.AUTO,
            CopyMethod.COPY,
            null,
            Pace.FREE,
            false,
            null,
            true,
            true,
            false);

    /** Whether a table is to be copied in several transactions. */
    boolean inChunks() {
        Integer workers = pace.workers();
        return resume || pace.batch() != null || (workers != null && workers > 1);
    }

    public CopyOptions {
        columns = List.copyOf(columns);
        if (sourceAddress != null) {
            SourceAddress.check(sourceAddress);
        }
    }

    public CopyOptions withColumns(List<String> newColumns) {
        return new CopyOptions(
                newColumns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withWhere(@Nullable String newWhere) {
        return new CopyOptions(
                columns,
                newWhere,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withStrategy(CopyStrategy newStrategy) {
        return new CopyOptions(
                columns,
                where,
                newStrategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withPartition(@Nullable String newPartition) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                newPartition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withMergeBy(MergeBy newMergeBy) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                newMergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withFormat(CopyFormat newFormat) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                newFormat,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withMethod(CopyMethod newMethod) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                newMethod,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withSourceAddress(@Nullable String newSourceAddress) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                newSourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withPace(Pace newPace) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                newPace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withResume(boolean newResume) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                newResume,
                rebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withRebuildIndexes(@Nullable Boolean newRebuildIndexes) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                newRebuildIndexes,
                verify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withVerify(boolean newVerify) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                newVerify,
                analyze,
                suspendAutovacuum);
    }

    public CopyOptions withAnalyze(boolean newAnalyze) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                newAnalyze,
                suspendAutovacuum);
    }

    public CopyOptions withSuspendAutovacuum(boolean newSuspendAutovacuum) {
        return new CopyOptions(
                columns,
                where,
                strategy,
                partition,
                mergeBy,
                format,
                method,
                sourceAddress,
                pace,
                resume,
                rebuildIndexes,
                verify,
                analyze,
                newSuspendAutovacuum);
    }
}
