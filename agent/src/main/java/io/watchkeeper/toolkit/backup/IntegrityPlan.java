package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How thoroughly backups and archive are read again.
 *
 * @param rateLimit at most so much is read per second
 * @param newest only so many of the newest backups; null for all
 * @param atMost after this nothing new is begun, and the next verification goes on; null for no limit
 */
public record IntegrityPlan(
        Bytes rateLimit, @Nullable Integer newest, @Nullable Duration atMost) {

    /** Everything, so slowly that a disk has time for others. */
    public static final IntegrityPlan DEFAULT = new IntegrityPlan(Bytes.megabytes(50), null, null);

    /** @throws OperatorException when it could not be meant */
    public IntegrityPlan {
        if (rateLimit.count() <= 0) {
            throw new OperatorException("'rateLimit' of nothing would never end", "give a size, as 50.megabytes.");
        }
        if (newest != null && newest < 1) {
            throw new OperatorException("'newest' is " + newest, "give 1 or more, or leave it out.");
        }
        if (atMost != null && (atMost.isNegative() || atMost.isZero())) {
            throw new OperatorException("'atMost' of nothing would read nothing", "give a time, as 2.hours.");
        }
    }
}
