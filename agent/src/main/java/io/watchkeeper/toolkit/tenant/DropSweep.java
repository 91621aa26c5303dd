package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Tidies up after a drop that came to nothing: as long as no archive is known no row is gone, and the tenant is as it was. */
final class DropSweep {

    /** How long the session of a drop that was told to stop may still hold the tenant's turn. */
    private static final int TRIES = 100;

    private static final long POLL_NANOS = Duration.ofMillis(100).toNanos();

    private DropSweep() {}

    /** Of one tenant, whose turn the session must have. @return whether there was something */
    static boolean sweep(Session session, TenantId id) throws SQLException {
        return new TenantTransaction(TenantWish.LOCK_TIMEOUT, TenantWish.ATTEMPTS).run(session, List.of(), () -> {
            Optional<DropLedger.Drop> drop = DropLedger.find(session, id);
            if (drop.isEmpty() || drop.get().archive() != null) {
                return false;
            }
            PassingSchema.drop(session, id.archiveSchema());
            DropLedger.forget(session, id);
            return true;
        });
    }

    /** After the work was told to stop. What keeps it from being tidied up is added to the failure; the hourly sweep does it then. */
    static void rescue(Database database, TenantId id, Exception failure) {
        try (Session session = database.open(Work.unattended("watchkeeper: tenant drop"))) {
            for (int i = 0; i < TRIES; i++) {
                if (TenantTurn.tryTake(session, id)) {
                    sweep(session, id);
                    return;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
