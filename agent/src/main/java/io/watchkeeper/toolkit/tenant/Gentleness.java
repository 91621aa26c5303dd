package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;

/**
 * How gently rows are copied and removed.
 *
 * @param batch so many rows in one transaction
 * @param pause between two of them
 * @param maxLag the work waits while a replica is further behind
 */
public record Gentleness(int batch, Duration pause, Bytes maxLag) {

    public static final int BATCH = 5_000;
    public static final Duration PAUSE = Duration.ofMillis(50);

    private static final int MOST = 100_000;

    /** @throws OperatorException when something of it cannot be meant */
    public Gentleness {
        if (batch < 1 || batch > MOST) {
            throw new OperatorException(
                    "a batch of " + batch + " rows", "give from 1 to " + MOST + "; their locks are held together.");
        }
        if (pause.isNegative()) {
            throw new OperatorException("a pause of less than nothing", "give a time, as 100.milliseconds.");
        }
    }

    /** The usual one. */
    public static Gentleness of(Bytes maxLag) {
        return new Gentleness(BATCH, PAUSE, maxLag);
    }
}
