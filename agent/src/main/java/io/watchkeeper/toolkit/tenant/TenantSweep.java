package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets tenants in again that a dead process has shut out to move them, and removes what was copied for moves that nobody has gone on with
 * for a week. What has switched stays, and so does its record: the next run of the same move ends it.
 */
public final class TenantSweep {

    private static final Logger LOG = LoggerFactory.getLogger(TenantSweep.class);
    private static final Work WORK = Work.unattended("watchkeeper: tenant sweep");
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Of removing what was copied. Other housekeeping of the agent waits meanwhile. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Collection<Database> databases;

    public TenantSweep(Collection<Database> databases) {
        this.databases = List.copyOf(databases);
    }

    /** Sweeps all databases; a failure is logged and stops nothing. */
    public void sweep() {
        for (Database database : databases) {
            try {
                sweep(database);
            } catch (SQLException | RuntimeException e) {
                LOG.info("moves of tenants in '{}' are looked for later: {}", database.name(), e.getMessage());
            }
        }
    }

    /** Sweeps one database. @return how many tenants were let in, or moves taken back */
    public static int sweep(Database database) throws SQLException {
        Optional<Session> free = database.tryOpen(WORK, PATIENCE);
        if (free.isEmpty()) {
            return 0;
        }
        int done = 0;
        try (Session session = free.get()) {
            boolean readOnly = session.oneVerbatim(
                    "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean",
                    row -> row.getBoolean(1));
            List<MoveLedger.Move> stale = new ArrayList<>();
            for (MoveLedger.Move move : readOnly ? List.<MoveLedger.Move>of() : MoveLedger.all(session)) {
                if (move.phase().isOldForm() && TenantTurn.tryTake(session, move.tenant())) {
                    done += attempt(session, move.tenant(), () -> reopened(session, move));
                    if (move.stale()) {
                        stale.add(move);
                    }
                }
            }
            for (TenantId id : readOnly ? List.<TenantId>of() : DropLedger.unarchived(session)) {
                if (TenantTurn.tryTake(session, id)) {
                    done += attempt(session, id, () -> DropSweep.sweep(session, id));
                }
            }
            // Last, because it may take long: nobody stays shut out for it.
            MoveUndoing undoing = undoing(session);
            for (MoveLedger.Move move : stale) {
                done += attempt(session, move.tenant(), () -> {
                    undoing.sweep(move.tenant(), "tenant " + move.tenant());
                    return true;
                });
            }
        }
        return done;
    }

    /** One that cannot be swept does not keep the others from it. */
    private static int attempt(Session session, TenantId id, SqlCall<Boolean> sweeping) throws SQLException {
        try {
            return sweeping.run() ? 1 : 0;
        } catch (SQLException | OperatorException e) {
            if (!session.isUsable()) {
                throw e;
            }
            session.rollback();
            LOG.warn(
                    "what a move or drop of tenant {} in '{}' has left is not taken back: {}",
                    id,
                    session.database().name(),
                    e instanceof OperatorException told ? told.withHint() : e.getMessage());
            return 0;
        }
    }

    private static MoveUndoing undoing(Session session) {
        long end = System.nanoTime() + LONGEST.toNanos();
        TenantPace pace = new TenantPace(session, Gentleness.of(Bytes.megabytes(64)), () -> {
            if (System.nanoTime() > end) {
                throw new OperatorException(
                        "it has taken " + LONGEST.toMinutes() + " minutes, or a replica was too far behind",
                        "the next sweep goes on; the same move again does, too.");
            }
            return true;
        });
        return new MoveUndoing(session, pace, new TenantTransaction(TenantWish.LOCK_TIMEOUT, TenantWish.ATTEMPTS));
    }

    private static boolean reopened(Session session, MoveLedger.Move move) throws SQLException {
        boolean opened = undoing(session).reopen(move.tenant());
        if (opened) {
            LOG.warn(
                    "tenant {} in '{}' was shut out by a move whose process died (run {}), and is let in again",
                    move.tenant(),
                    session.database().name(),
                    move.runId());
        }
        return opened;
    }
}
