package io.watchkeeper.toolkit.sync;

import io.watchkeeper.toolkit.copy.Pace;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How tables are kept the same: for one and for several.
 *
 * @param columns names as the catalogue holds them; empty for all columns of the source
 * @param where an SQL condition on the rows of both sides; null for all of them
 * @param key columns that tell rows apart; empty for the target's primary key
 * @param watermark the column that every change moves forward, for modes timestamp and hybrid; null without one
 * @param overlap how far before the newest watermark seen a round begins: longer than any transaction takes
 * @param deletes whether rows that are gone from the source are deleted
 * @param proveEvery with mode hybrid, how often a round goes by the horizon
 * @param verifyEvery with mode hybrid, how often a round compares all rows
 * @param followColumns whether columns that were added on the source are added to the target
 * @param sourceXmin whether the target keeps each row's xmin in a column {@code source_xmin}
 * @param verify whether each round ends with a comparison of all rows
 */
public record SyncOptions(
        List<String> columns,
        @Nullable String where,
        List<String> key,
        SyncMode mode,
        @Nullable String watermark,
        Duration overlap,
        boolean deletes,
        MaxDeletes maxDeletes,
        LocalEdits localEdits,
        Duration proveEvery,
        Duration verifyEvery,
        boolean followColumns,
        boolean sourceXmin,
        boolean verify,
        Pace pace) {

    public static final SyncOptions DEFAULT = new SyncOptions(
            List.of(),
            null,
            List.of(),
            SyncMode.AUTO,
            null,
            Duration.ofMinutes(5),
            true,
            MaxDeletes.DEFAULT,
            LocalEdits.SOURCE_WINS,
            Duration.ofHours(1),
            Duration.ofHours(24),
            false,
            false,
            false,
            Pace.FREE);

    public SyncOptions {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    public SyncOptions withColumns(List<String> newColumns) {
        return change(draft -> draft.columns = newColumns);
    }

    public SyncOptions withWhere(@Nullable String newWhere) {
        return change(draft -> draft.where = newWhere);
    }

    public SyncOptions withKey(List<String> newKey) {
        return change(draft -> draft.key = newKey);
    }

    public SyncOptions withMode(SyncMode newMode) {
        return change(draft -> draft.mode = newMode);
    }

    public SyncOptions withWatermark(@Nullable String newWatermark) {
        return change(draft -> draft.watermark = newWatermark);
    }

    public SyncOptions withOverlap(Duration newOverlap) {
        return change(draft -> draft.overlap = newOverlap);
    }

    public SyncOptions withDeletes(boolean newDeletes) {
        return change(draft -> draft.deletes = newDeletes);
    }

    public SyncOptions withMaxDeletes(MaxDeletes newMaxDeletes) {
        return change(draft -> draft.maxDeletes = newMaxDeletes);
    }

    public SyncOptions withLocalEdits(LocalEdits newLocalEdits) {
        return change(draft -> draft.localEdits = newLocalEdits);
    }

    public SyncOptions withProveEvery(Duration newProveEvery) {
        return change(draft -> draft.proveEvery = newProveEvery);
    }

    public SyncOptions withVerifyEvery(Duration newVerifyEvery) {
        return change(draft -> draft.verifyEvery = newVerifyEvery);
    }

    public SyncOptions withFollowColumns(boolean newFollowColumns) {
        return change(draft -> draft.followColumns = newFollowColumns);
    }

    public SyncOptions withSourceXmin(boolean newSourceXmin) {
        return change(draft -> draft.sourceXmin = newSourceXmin);
    }

    public SyncOptions withVerify(boolean newVerify) {
        return change(draft -> draft.verify = newVerify);
    }

    public SyncOptions withPace(Pace newPace) {
        return change(draft -> draft.pace = newPace);
    }

    private SyncOptions change(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    private static final class Draft {
        private List<String> columns;
        private @Nullable String where;
        private List<String> key;
        private SyncMode mode;
        private @Nullable String watermark;
        private Duration overlap;
        private boolean deletes;
        private MaxDeletes maxDeletes;
        private LocalEdits localEdits;
        private Duration proveEvery;
        private Duration verifyEvery;
        private boolean followColumns;
        private boolean sourceXmin;
        private boolean verify;
        private Pace pace;

        Draft(SyncOptions from) {
            columns = from.columns;
            where = from.where;
            key = from.key;
            mode = from.mode;
            watermark = from.watermark;
            overlap = from.overlap;
            deletes = from.deletes;
            maxDeletes = from.maxDeletes;
            localEdits = from.localEdits;
            proveEvery = from.proveEvery;
            verifyEvery = from.verifyEvery;
            followColumns = from.followColumns;
            sourceXmin = from.sourceXmin;
            verify = from.verify;
            pace = from.pace;
        }

        SyncOptions options() {
            return new SyncOptions(
                    columns,
                    where,
                    key,
                    mode,
                    watermark,
                    overlap,
                    deletes,
                    maxDeletes,
                    localEdits,
                    proveEvery,
                    verifyEvery,
                    followColumns,
                    sourceXmin,
                    verify,
                    pace);
        }
    }
}
