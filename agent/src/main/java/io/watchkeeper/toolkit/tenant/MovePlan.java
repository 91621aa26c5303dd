package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;

/**
 * A tenant that is to get the other form.
 *
 * @param gentleness of what is copied and removed
 * @param shutOut the longest time for which the tenant may be shut out; when it does not do, the tenant goes on as before
 * @param lockTimeout how long one attempt waits for a lock
 * @param attempts before it is given up
 */
public record MovePlan(
        TenantId tenant, Tenancy to, Gentleness gentleness, Duration shutOut, Duration lockTimeout, int attempts) {

    public static final Duration SHUT_OUT = Duration.ofSeconds(30);

    /** @throws OperatorException when something of it cannot be meant */
    public MovePlan {
        if (shutOut.toMillis() < 1 || shutOut.compareTo(Duration.ofHours(1)) > 0) {
            throw new OperatorException(
                    "'shutOut' is " + shutOut.toMillis() + " ms", "write a time up to one hour, as 30.seconds.");
        }
        TenantTransaction.check(lockTimeout, attempts);
    }

    /** With the usual patience. @throws OperatorException when something of it cannot be meant */
    public static MovePlan of(String id, String to, Gentleness gentleness) {
        return new MovePlan(
                new TenantId(id), Tenancy.of(to), gentleness, SHUT_OUT, TenantWish.LOCK_TIMEOUT, TenantWish.ATTEMPTS);
    }
}
