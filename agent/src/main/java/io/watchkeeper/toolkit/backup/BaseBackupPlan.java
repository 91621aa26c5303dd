package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What base backup is wanted.
 *
 * @param format null for plain without compression or encryption, else tar
 * @param compression of tar files; with the plain format of what travels only
 * @param level of the compression; null for the method's own
 * @param compressAt null for the server where it is another host that can, else here
 * @param fastCheckpoint whether the server writes everything out at once, instead of spreading it over minutes
 * @param rateLimit per second; null for as fast as it goes
 * @param verify whether what arrived is compared with what the server sent, and its log read
 * @param incremental whether only what changed since the newest backup is wanted, where there is one
 * @param fullAfter how old a whole backup may be before incremental ones no longer build on it
 * @param label as backup_label holds it; null for one made of the backup's name
 */
public record BaseBackupPlan(
        @Nullable BaseBackupFormat format,
        Compression compression,
        @Nullable Integer level,
        @Nullable CompressAt compressAt,
        boolean fastCheckpoint,
        @Nullable Bytes rateLimit,
        boolean verify,
        boolean incremental,
        Duration fullAfter,
        @Nullable String label) {

    /** Whole, as it is, at the server's leisure, verified. */
    public static final BaseBackupPlan USUAL =
            new BaseBackupPlan(null, Compression.NONE, null, null, false, null, true, false, Duration.ofDays(1), null);

    /** What pg_basebackup can keep to. */
    private static final Bytes SLOWEST = Bytes.kilobytes(32);

    private static final Bytes FASTEST = Bytes.gigabytes(1);
    private static final int LONGEST_LABEL = 1024;

    /** @throws OperatorException when something of it cannot be meant */
    public BaseBackupPlan {
        if (rateLimit != null && (rateLimit.compareTo(SLOWEST) < 0 || rateLimit.compareTo(FASTEST) > 0)) {
            throw new OperatorException(
                    "a base backup cannot keep to " + rateLimit + " a second",
                    "PostgreSQL takes " + SLOWEST + " to " + FASTEST + "; leave it out for as fast as it goes.");
        }
        if (level != null && compression == Compression.NONE) {
            throw new OperatorException(
                    "a level of compression is given and no compression", "name gzip, zstd or lz4 as well.");
        }
        if (fullAfter.isNegative() || fullAfter.isZero()) {
            throw new OperatorException("a whole backup is wanted after " + fullAfter, "give a time, as 1.day.");
        }
        if (label != null && (label.isBlank() || label.length() > LONGEST_LABEL || label.indexOf('\n') >= 0)) {
            throw new OperatorException(
                    "a backup's label is one line of at most " + LONGEST_LABEL + " characters", null);
        }
    }

    public BaseBackupPlan withFormat(@Nullable BaseBackupFormat newFormat) {
        return change(draft -> draft.format = newFormat);
    }

    /** @param newLevel null for the method's own */
    public BaseBackupPlan withCompression(Compression method, @Nullable Integer newLevel) {
        return change(draft -> {
            draft.compression = method;
            draft.level = newLevel;
        });
    }

    public BaseBackupPlan withCompressAt(@Nullable CompressAt newCompressAt) {
        return change(draft -> draft.compressAt = newCompressAt);
    }

    public BaseBackupPlan withFastCheckpoint(boolean fast) {
        return change(draft -> draft.fastCheckpoint = fast);
    }

    public BaseBackupPlan withRateLimit(@Nullable Bytes newRateLimit) {
        return change(draft -> draft.rateLimit = newRateLimit);
    }

    public BaseBackupPlan withVerify(boolean yes) {
        return change(draft -> draft.verify = yes);
    }

    public BaseBackupPlan withIncremental(boolean yes) {
        return change(draft -> draft.incremental = yes);
    }

    public BaseBackupPlan withFullAfter(Duration newFullAfter) {
        return change(draft -> draft.fullAfter = newFullAfter);
    }

    public BaseBackupPlan withLabel(@Nullable String newLabel) {
        return change(draft -> draft.label = newLabel);
    }

    private BaseBackupPlan change(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.plan();
    }

    /** The plan while one part of it is changed. */
    private static final class Draft {
        private @Nullable BaseBackupFormat format;
        private Compression compression;
        private @Nullable Integer level;
        private @Nullable CompressAt compressAt;
        private boolean fastCheckpoint;
        private @Nullable Bytes rateLimit;
        private boolean verify;
        private boolean incremental;
        private Duration fullAfter;
        private @Nullable String label;

        Draft(BaseBackupPlan from) {
            format = from.format;
            compression = from.compression;
            level = from.level;
            compressAt = from.compressAt;
            fastCheckpoint = from.fastCheckpoint;
            rateLimit = from.rateLimit;
            verify = from.verify;
            incremental = from.incremental;
            fullAfter = from.fullAfter;
            label = from.label;
        }

        BaseBackupPlan plan() {
            return new BaseBackupPlan(
                    format,
                    compression,
                    level,
                    compressAt,
                    fastCheckpoint,
                    rateLimit,
                    verify,
                    incremental,
                    fullAfter,
                    label);
        }
    }
}
