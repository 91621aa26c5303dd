package io.watchkeeper.toolkit.check;

import java.util.List;

/** All checks with their usual limits, for those who look at a server as a whole. */
public final class UsualChecks {

    private UsualChecks() {}

    /** In the order in which people read them: what hurts now first, what will hurt later last. */
    public static List<Check> all() {
        return List.of(
                ConnectionCheck.USUAL,
                LockWaitCheck.USUAL,
                SlowQueryCheck.USUAL,
                DiskSpaceCheck.USUAL,
                DatabaseSizeCheck.USUAL,
                ArchiverCheck.USUAL,
                ReplicationConflictCheck.USUAL,
                CheckpointCheck.USUAL,
                CacheHitCheck.USUAL,
                TableStatisticsCheck.USUAL,
                IndexUsageCheck.USUAL,
                WraparoundCheck.USUAL,
                SequenceCheck.USUAL);
    }
}
