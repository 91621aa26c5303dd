package io.watchkeeper;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import java.time.Clock;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a recovery is to go, as a command or a call says it: at most one of these, and none of them for the latest.
 *
 * @param time as {@code 2026-11-21 14:30:00+00} or {@code 5 minutes ago}
 * @param lsn as {@code 0/8F3A2C10}
 * @param name of a restore point
 */
public record RecoveryWords(
        @Nullable String time,
        @Nullable String lsn,
        @Nullable String name) {

    public static final RecoveryWords LATEST = new RecoveryWords(null, null, null);

    /** @throws OperatorException when more than one is given */
    public RecoveryWords {
        if (Stream.of(time, lsn, name).filter(Objects::nonNull).count() > 1) {
            throw new OperatorException(
                    "more than one recovery target is given",
                    "give a time, an LSN or a restore point, or none for the latest.");
        }
    }

    /** @throws OperatorException when it cannot be read, or lies in the future */
    RecoveryTarget target(Clock clock) {
        if (time != null) {
            return RecoveryTarget.timestamp(time, clock);
        }
        if (lsn != null) {
            return RecoveryTarget.lsn(lsn);
        }
        return name == null ? RecoveryTarget.LATEST : RecoveryTarget.name(name);
    }
}
