package io.watchkeeper.protection;

import java.time.Duration;

/**
 * How old what protects the data may be.
 *
 * @param usualBackupAge an older newest backup is to be looked at
 * @param longestBackupAge an older newest backup is urgent
 * @param longestDrillAge an older last good drill is urgent
 */
public record ProtectionLimits(Duration usualBackupAge, Duration longestBackupAge, Duration longestDrillAge) {

    public static final ProtectionLimits USUAL = new ProtectionLimits(
            ProtectionReview.USUAL_BACKUP_AGE, ProtectionReview.LONGEST_BACKUP_AGE, ProtectionReview.LONGEST_DRILL_AGE);
}
