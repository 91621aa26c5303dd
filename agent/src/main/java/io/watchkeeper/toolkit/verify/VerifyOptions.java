package io.watchkeeper.toolkit.verify;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.Pace;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How tables are verified: the same for one and for several.
 *
 * @param columns names as the catalogue holds them; empty for all columns of the source
 * @param where an SQL condition on the rows of both sides; null for all of them
 * @param key columns that tell rows apart; empty for the primary key, or else a unique constraint without nulls
 * @param by what of the rows is compared
 * @param sample the share of the rows that is compared, chosen anew by every verification; null for all of them
 * @param repair what is done about differences
 * @param maxDeletes the brake of a repair: when more rows would be deleted, nothing is changed
 * @param rechecks how often rows that differ are looked at again before they count; 0 for never
 * @param patience how long the rechecks may wait together, for rows that are on their way to the target
 * @param chunkTime how long one look at both servers may take: larger tables are compared in ranges of their key
 * @param listedKeys how many differing keys the result lists; all of them are in a file
 * @param pace of it, rateLimit holds for a repair's rows, and workers are tables at once
 */
public record VerifyOptions(
        List<String> columns,
        @Nullable String where,
        List<String> key,
        VerifyBy by,
        @Nullable Ratio sample,
        Repair repair,
        DeleteBrake maxDeletes,
        int rechecks,
        Duration patience,
        Duration chunkTime,
        int listedKeys,
        Pace pace) {

    /** All rows, all values; reports what differs and changes nothing. */
    public static final VerifyOptions DEFAULT = new VerifyOptions(
            List.of(),
            null,
            List.of(),
            VerifyBy.CHECKSUM,
            null,
            Repair.NONE,
            DeleteBrake.DEFAULT,
            3,
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            100,
            Pace.FREE);

    public VerifyOptions {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        if (sample != null && !(sample.share() > 0 && sample.share() <= 1)) {
            throw new OperatorException(
                    "a sample of " + sample + " is none of the rows, or more than all of them",
                    "give a share over 0 % and up to 100 %.");
        }
        if (rechecks < 0 || listedKeys < 0 || patience.isNegative() || chunkTime.isNegative() || chunkTime.isZero()) {
            throw new IllegalArgumentException("counts and times cannot be negative, and a chunk takes some time");
        }
    }

    public VerifyOptions withColumns(List<String> newColumns) {
        return change(draft -> draft.columns = newColumns);
    }

    public VerifyOptions withWhere(@Nullable String newWhere) {
        return change(draft -> draft.where = newWhere);
    }

    public VerifyOptions withKey(List<String> newKey) {
        return change(draft -> draft.key = newKey);
    }

    public VerifyOptions withBy(VerifyBy newBy) {
        return change(draft -> draft.by = newBy);
    }

    public VerifyOptions withSample(@Nullable Ratio newSample) {
        return change(draft -> draft.sample = newSample);
    }

    public VerifyOptions withRepair(Repair newRepair) {
        return change(draft -> draft.repair = newRepair);
    }

    public VerifyOptions withMaxDeletes(DeleteBrake newMaxDeletes) {
        return change(draft -> draft.maxDeletes = newMaxDeletes);
    }

    public VerifyOptions withRechecks(int newRechecks) {
        return change(draft -> draft.rechecks = newRechecks);
    }

    public VerifyOptions withPatience(Duration newPatience) {
        return change(draft -> draft.patience = newPatience);
    }

    public VerifyOptions withChunkTime(Duration newChunkTime) {
        return change(draft -> draft.chunkTime = newChunkTime);
    }

    public VerifyOptions withListedKeys(int newListedKeys) {
        return change(draft -> draft.listedKeys = newListedKeys);
    }

    public VerifyOptions withPace(Pace newPace) {
        return change(draft -> draft.pace = newPace);
    }

    private VerifyOptions change(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** The options while one of them is changed. */
    private static final class Draft {
        private List<String> columns;
        private @Nullable String where;
        private List<String> key;
        private VerifyBy by;
        private @Nullable Ratio sample;
        private Repair repair;
        private DeleteBrake maxDeletes;
        private int rechecks;
        private Duration patience;
        private Duration chunkTime;
        private int listedKeys;
        private Pace pace;

        Draft(VerifyOptions from) {
            columns = from.columns;
            where = from.where;
            key = from.key;
            by = from.by;
            sample = from.sample;
            repair = from.repair;
            maxDeletes = from.maxDeletes;
            rechecks = from.rechecks;
            patience = from.patience;
            chunkTime = from.chunkTime;
            listedKeys = from.listedKeys;
            pace = from.pace;
        }

        VerifyOptions options() {
            return new VerifyOptions(
                    columns,
                    where,
                    key,
                    by,
                    sample,
                    repair,
                    maxDeletes,
                    rechecks,
                    patience,
                    chunkTime,
                    listedKeys,
                    pace);
        }
    }
}
