package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tidies up after copies that died: puts suspended autovacuum back, and drops half-filled tables, with their records, that nobody
 * goes on with. Nothing that a running copy holds is touched, and nothing is made where no copy has left a record.
 */
public final class CopySweep {

    private static final Logger LOG = LoggerFactory.getLogger(CopySweep.class);

    private static final Work WORK = Work.unattended("watchkeeper sweep");
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration EVERY = Duration.ofHours(6);

    /** Those of which no part came in for so long are begun anew by whoever copies the table, so that nothing is lost by then but room won. */
    private static final String STALE = "(not p.resumable or greatest(p.started_at, (select max(c.done_at)"
            + " from watchkeeper.copy_chunks c where c.copy_id = p.id)) < now() - interval '7 days')";

    private final Collection<Database> databases;
    private final Clock clock;
    private final Map<Database, Instant> swept = new HashMap<>();

    public CopySweep(Collection<Database> databases, Clock clock) {
        this.databases = List.copyOf(databases);
        this.clock = clock;
    }

    /**
     * Sweeps the databases whose turn it is: at first all, then each every six hours; one that could not be swept is due again at
     * the next call. A failure is logged and stops nothing.
     */
    public void sweepDue() {
        for (Database database : databases) {
            Instant last = swept.get(database);
            Instant now = clock.instant();
            if (last != null && now.isBefore(last.plus(EVERY))) {
                continue;
            }
            try {
                if (sweep(database)) {
                    swept.put(database, now);
                }
            } catch (SQLException | RuntimeException e) {
                LOG.info("what dead copies left in '{}' is looked for later: {}", database.name(), e.getMessage());
            }
        }
    }

    /**
     * Sweeps one database.
     *
     * @return false when it had no connection to spare
     * @throws OperatorException when it cannot be reached
     */
    public static boolean sweep(Database database) throws SQLException {
        Optional<Session> free = database.tryOpen(WORK, PATIENCE);
        if (free.isEmpty()) {
            return false;
        }
        try (Session session = free.get()) {
            boolean readOnly = session.one(
                    "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean",
                    row -> row.getBoolean(1));
            if (!readOnly) {
                sweep(session);
            }
        }
        return true;
    }

    private static void sweep(Session session) throws SQLException {
        if (AgentSchema.has(session, CopyLedger.COPIES)) {
            for (CopyLedger.Leftover leftover : CopyLedger.leftovers(session, STALE)) {
                forget(session, leftover);
            }
        }
        if (AgentSchema.has(session, SuspendedAutovacuum.TABLE)) {
            SuspendedAutovacuum.restoreForgotten(session);
        }
    }

    /** One that cannot be dropped now, because somebody reads it, does not keep the others. */
    private static void forget(Session session, CopyLedger.Leftover leftover) throws SQLException {
        try {
            if (CopyLedger.forget(session, leftover, STALE)) {
                LOG.info(
                        "forgot the unfinished copy of {} into '{}'",
                        leftover.table(),
                        session.database().name());
            }
        } catch (SQLException e) {
            if (!session.isUsable()) {
                throw e;
            }
            LOG.warn(
                    "what an unfinished copy of {} left in '{}' is dropped later: {}",
                    leftover.table(),
                    session.database().name(),
                    e.getMessage());
        }
    }

    /**
     * Puts back what a copy into this database has suspended and could not put back in its own sessions; failures are logged.
     *
     * @param failed whether its sessions may still be ending on the server
     */
    static void afterCopy(Database target, Work copy, boolean failed) {
        try (Session session = target.open(WORK)) {
            if (AgentSchema.has(session, SuspendedAutovacuum.TABLE)) {
                if (failed) {
                    SuspendedAutovacuum.awaitEnd(session, copy.applicationName());
                }
                SuspendedAutovacuum.restoreForgotten(session);
            }
        } catch (SQLException | RuntimeException e) {
            LOG.warn(
                    "what a copy may have left suspended in '{}' is put back by the next sweep: {}",
                    target.name(),
                    e.getMessage());
        }
    }
}
