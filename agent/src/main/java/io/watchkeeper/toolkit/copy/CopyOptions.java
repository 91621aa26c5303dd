package io.watchkeeper.toolkit.copy;

import java.util.List;
import java.util.function.Consumer;
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
        return change(draft -> draft.columns = newColumns);
    }

    public CopyOptions withWhere(@Nullable String newWhere) {
        return change(draft -> draft.where = newWhere);
    }

    public CopyOptions withStrategy(CopyStrategy newStrategy) {
        return change(draft -> draft.strategy = newStrategy);
    }

    public CopyOptions withPartition(@Nullable String newPartition) {
        return change(draft -> draft.partition = newPartition);
    }

    public CopyOptions withMergeBy(MergeBy newMergeBy) {
        return change(draft -> draft.mergeBy = newMergeBy);
    }

    public CopyOptions withFormat(CopyFormat newFormat) {
        return change(draft -> draft.format = newFormat);
    }

    public CopyOptions withMethod(CopyMethod newMethod) {
        return change(draft -> draft.method = newMethod);
    }

    public CopyOptions withSourceAddress(@Nullable String newSourceAddress) {
        return change(draft -> draft.sourceAddress = newSourceAddress);
    }

    public CopyOptions withPace(Pace newPace) {
        return change(draft -> draft.pace = newPace);
    }

    public CopyOptions withResume(boolean newResume) {
        return change(draft -> draft.resume = newResume);
    }

    public CopyOptions withRebuildIndexes(@Nullable Boolean newRebuildIndexes) {
        return change(draft -> draft.rebuildIndexes = newRebuildIndexes);
    }

    public CopyOptions withVerify(boolean newVerify) {
        return change(draft -> draft.verify = newVerify);
    }

    public CopyOptions withAnalyze(boolean newAnalyze) {
        return change(draft -> draft.analyze = newAnalyze);
    }

    public CopyOptions withSuspendAutovacuum(boolean newSuspendAutovacuum) {
        return change(draft -> draft.suspendAutovacuum = newSuspendAutovacuum);
    }

    private CopyOptions change(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** The options while one of them is changed. */
    private static final class Draft {
        private List<String> columns;
        private @Nullable String where;
        private CopyStrategy strategy;
        private @Nullable String partition;
        private MergeBy mergeBy;
        private CopyFormat format;
        private CopyMethod method;
        private @Nullable String sourceAddress;
        private Pace pace;
        private boolean resume;
        private @Nullable Boolean rebuildIndexes;
        private boolean verify;
        private boolean analyze;
        private boolean suspendAutovacuum;

        Draft(CopyOptions from) {
            columns = from.columns;
            where = from.where;
            strategy = from.strategy;
            partition = from.partition;
            mergeBy = from.mergeBy;
            format = from.format;
            method = from.method;
            sourceAddress = from.sourceAddress;
            pace = from.pace;
            resume = from.resume;
            rebuildIndexes = from.rebuildIndexes;
            verify = from.verify;
            analyze = from.analyze;
            suspendAutovacuum = from.suspendAutovacuum;
        }

        CopyOptions options() {
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
                    suspendAutovacuum);
        }
    }
}
