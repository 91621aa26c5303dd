package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import java.time.Clock;

/** How far a recovery goes, in the words of {@code restore} and {@code pitrDrill}. */
record TargetWords(Clock clock) {

    RecoveryTarget timestamp(String time) {
        return RecoveryTarget.timestamp(time, clock);
    }

    RecoveryTarget lsn(String position) {
        return RecoveryTarget.lsn(position);
    }

    RecoveryTarget name(String restorePoint) {
        return RecoveryTarget.name(restorePoint);
    }
}
