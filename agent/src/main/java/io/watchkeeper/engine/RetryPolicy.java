package io.watchkeeper.engine;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.runbook.Policy;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/** Whether and when something that failed is tried again. */
final class RetryPolicy {

    /** A pause is up to this share longer or shorter, so that hosts that failed together do not come back together. */
    private static final double JITTER = 0.2;

    /** Doubling goes on no further; the deadline is the real limit. */
    private static final int MOST_DOUBLINGS = 20;

    private final int attempts;
    private final Duration backOff;
    private final boolean dryRun;
    private final DoubleSupplier random;

    RetryPolicy(Policy policy, boolean dryRun) {
        this(policy, dryRun, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** @param random numbers from 0 to 1 */
    RetryPolicy(Policy policy, boolean dryRun, DoubleSupplier random) {
        this.attempts = policy.attempts();
        this.backOff = policy.backOff();
        this.dryRun = dryRun;
        this.random = random;
    }

    int attempts() {
        return attempts;
    }

    /** Whether another attempt is allowed after this many, and the failure is of a kind that passes by itself. */
    boolean triesAgain(int attemptsSoFar, Throwable failure) {
        return attemptsSoFar < attempts
                && FailureClass.of(failure) == FailureClass.RETRYABLE
                && !isDryRunsOwnDoing(failure);
    }

    /** Elsewhere "read-only" means a failover is under way; in a dry run it is the safety net, which will not go away. */
    private boolean isDryRunsOwnDoing(Throwable failure) {
        return dryRun
                && FailureClass.sqlState(failure)
                        .filter(SqlStates.READ_ONLY_SQL_TRANSACTION::equals)
                        .isPresent();
    }

    /** How long to wait before the next attempt. @param attemptsSoFar at least 1 */
    Duration pause(int attemptsSoFar) {
        long doubled = backOff.toMillis() << Math.min(attemptsSoFar - 1, MOST_DOUBLINGS);
        double factor = 1 - JITTER + 2 * JITTER * random.getAsDouble();
        return Duration.ofMillis(Math.round(doubled * factor));
    }
}
