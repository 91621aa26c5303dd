package io.watchkeeper.dsl;

import io.watchkeeper.protection.ProtectionLimits;
import java.time.Duration;

/** {@code backupStatus('shore') { … }} */
@Block(
        name = "backupStatus",
        value = "How old backups and drills may be.",
        words = {"warnOlderThan", "failOlderThan", "drillWithin", "reportOnly"})
public final class BackupStatusSpec extends ReviewSpec {

    private Duration warnOlderThan = ProtectionLimits.USUAL.usualBackupAge();
    private Duration failOlderThan = ProtectionLimits.USUAL.longestBackupAge();
    private Duration drillWithin = ProtectionLimits.USUAL.longestDrillAge();

    BackupStatusSpec() {}

    @Word(
            value = "An older newest good backup is to be looked at.",
            example = "warnOlderThan 26.hours",
            byDefault = "26.hours")
    public void warnOlderThan(Duration age) {
        warnOlderThan = age;
    }

    @Word(
            value = "An older newest good backup is to be mended now.",
            example = "failOlderThan 3.days",
            byDefault = "8.days")
    public void failOlderThan(Duration age) {
        failOlderThan = age;
    }

    @Word(
            value = "The last good restore drill may be so long ago. Databases that only have dumps need none.",
            example = "drillWithin 31.days",
            byDefault = "8.days")
    public void drillWithin(Duration age) {
        drillWithin = age;
    }

    ProtectionLimits limits() {
        // A backup that fails is one to look at, too.
        Duration warn = warnOlderThan.compareTo(failOlderThan) < 0 ? warnOlderThan : failOlderThan;
        return new ProtectionLimits(warn, failOlderThan, drillWithin);
    }
}
