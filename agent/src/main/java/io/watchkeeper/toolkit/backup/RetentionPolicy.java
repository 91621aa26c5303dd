package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a repository. Each rule keeps; a backup goes when none of them keeps it.
 *
 * @param keepDumps dumps younger than this stay; null for no rule by age
 * @param keepBaseBackups base backups and incremental ones younger than this stay; null for no rule by age
 * @param keepLast so many of the newest good backups of each kind stay; null for no rule by count
 * @param keepAtLeast so many good backups of each kind stay however old they are; 1 or more
 * @param keepWal archived WAL younger than this stays, also where no backup needs it
 */
public record RetentionPolicy(
        @Nullable Duration keepDumps,
        @Nullable Duration keepBaseBackups,
        @Nullable Integer keepLast,
        int keepAtLeast,
        Duration keepWal) {

    /** A week of backups, never fewer than two good ones of a kind, and two weeks of WAL. */
    public static final RetentionPolicy DEFAULT =
            new RetentionPolicy(Duration.ofDays(7), Duration.ofDays(7), null, 2, Duration.ofDays(14));

    /** @throws OperatorException when a rule could remove the last good backup, or cannot be meant */
    public RetentionPolicy {
        if (keepAtLeast < 1) {
            throw new OperatorException(
                    "'keepAtLeast' is " + keepAtLeast + ", which would give up the last good backup",
                    "give 1 or more; 2 is usual.");
        }
        if (keepLast != null && keepLast < 1) {
            throw new OperatorException("'keepLast' is " + keepLast, "give 1 or more, or leave it out.");
        }
        notNegative("keepDumps", keepDumps);
        notNegative("keepBaseBackups", keepBaseBackups);
        notNegative("keepWal", keepWal);
        if (keepDumps == null && keepBaseBackups == null && keepLast == null) {
            throw new OperatorException(
                    "nothing says which backups stay", "give 'keep', as 7.days, or 'keepLast', as 3.");
        }
    }

    /**
     * The policy of a runbook or a command.
     *
     * @param keep stands in for both kinds' own; where neither an age nor a count is given, a week does
     * @throws OperatorException when a rule could remove the last good backup, or cannot be meant
     */
    public static RetentionPolicy of(
            @Nullable Duration keep,
            @Nullable Duration keepDumps,
            @Nullable Duration keepBaseBackups,
            @Nullable Integer keepLast,
            int keepAtLeast,
            Duration keepWal) {
        Duration usual = keep == null && keepLast == null ? DEFAULT.keepDumps() : keep;
        return new RetentionPolicy(
                keepDumps == null ? usual : keepDumps,
                keepBaseBackups == null ? usual : keepBaseBackups,
                keepLast,
                keepAtLeast,
                keepWal);
    }

    private static void notNegative(String word, @Nullable Duration time) {
        if (time != null && time.isNegative()) {
            throw new OperatorException("'" + word + "' is negative: " + time, null);
        }
    }
}
