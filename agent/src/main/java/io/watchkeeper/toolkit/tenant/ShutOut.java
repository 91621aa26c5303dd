package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The time for which a tenant may be shut out for its move.
 *
 * @param allowed all of it
 * @param end in System.nanoTime
 */
record ShutOut(Session session, TenantId tenant, Duration allowed, long end) {

    static ShutOut from(Session session, MovePlan plan, long begun) {
        return new ShutOut(
                session, plan.tenant(), plan.shutOut(), begun + plan.shutOut().toNanos());
    }

    /** Lets the next statements take no longer than what is left. @throws OperatorException when nothing is */
    boolean require() throws SQLException {
        if (System.nanoTime() > end) {
            throw new OperatorException(
                    "tenant '" + tenant + "' would be shut out for longer than " + allowed.toMillis() + " ms",
                    "it is where it was and works; move it when it writes less, or allow more: shutOut 2.minutes (--shut-out 2m).");
        }
        session.query("select set_config('statement_timeout', ?, false)", String.valueOf(left().toMillis()));
        return true;
    }

    /** At least a millisecond. */
    Duration left() {
        return Duration.ofMillis(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
}
