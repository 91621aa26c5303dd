package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** After a failure before the switch: lets the tenant in again, and removes what was copied where the session still can. */
record MoveRescue(Database database, MovePlan plan) {

    /** How long the session that was lost may still hold the tenant's turn. */
    private static final int TRIES = 100;

    private static final long POLL_NANOS = Duration.ofMillis(100).toNanos();

    /** In the session that failed. What keeps it from being taken back is added to the failure. */
    void undo(Session session, String subject, Exception failure) {
        try {
            session.rollback();
            session.query("select set_config('statement_timeout', '0', false)");
            MoveUndoing undoing = undoing(session);
            undoing.reopen(plan.tenant());
            undoing.sweep(plan.tenant(), subject);
        } catch (SQLException | RuntimeException e) {
            // The record stays: the next run, or the sweep, finds it.
            failure.addSuppressed(e);
        }
    }

    /** After the work was told to stop, or the connection was lost. What was copied stays, for the next run to go on from. */
    void reopen(Exception failure) {
        try (Session session = database.open(Work.unattended("watchkeeper: tenant move"))) {
            for (int i = 0; i < TRIES; i++) {
                if (TenantTurn.tryTake(session, plan.tenant())) {
                    undoing(session).reopen(plan.tenant());
                    return;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private MoveUndoing undoing(Session session) {
        return new MoveUndoing(
                session,
                new TenantPace(session, plan.gentleness()),
                new TenantTransaction(plan.lockTimeout(), plan.attempts()));
    }
}
