package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.FillLock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets what rounds have left on record and nobody goes on with: steps of which none came in for a week, and tables that are no more. What a running round
 * holds is not touched, and nothing is made where no round was ever recorded.
 */
public final class SyncSweep {

    private static final Logger LOG = LoggerFactory.getLogger(SyncSweep.class);
    private static final Work WORK = Work.unattended("watchkeeper sweep");
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Collection<Database> databases;

    public SyncSweep(Collection<Database> databases) {
        this.databases = List.copyOf(databases);
    }

    /** Sweeps all databases. A failure is logged and stops nothing: the next sweep tries again. */
    public void sweep() {
        for (Database database : databases) {
            try {
                sweep(database);
            } catch (SQLException | RuntimeException e) {
                LOG.info("what rounds left on record in '{}' is looked at later: {}", database.name(), e.getMessage());
            }
        }
    }

    static void sweep(Database database) throws SQLException {
        Optional<Session> free = database.tryOpen(WORK, PATIENCE);
        if (free.isEmpty()) {
            return;
        }
        try (Session session = free.get()) {
            boolean readOnly = session.one(
                    "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean",
                    row -> row.getBoolean(1));
            if (readOnly || !AgentSchema.hasAll(session, List.of(SyncRecord.TABLES, StepRecord.TABLE))) {
                return;
            }
            for (Stale stale : session.list(
                    """
                    select n.nspname, c.relname, s.scope from watchkeeper.sync_steps s
                      join pg_class c on c.oid = s.target join pg_namespace n on n.oid = c.relnamespace
                     where s.started_at < now() - interval '7 days'""", row -> new Stale(new TableName(row.getString(1), row.getString(2)), row.getString(3)))) {
                forget(session, stale);
            }
            session.update(
                    "delete from watchkeeper.sync_steps s where not exists (select from pg_class c where c.oid = s.target)");
            session.update(
                    "delete from watchkeeper.sync_tables t where not exists (select from pg_class c where c.oid = t.target)");
        }
    }

    private record Stale(TableName table, String scope) {}

    private static void forget(Session session, Stale stale) throws SQLException {
        try {
            FillLock.take(session, stale.table, "it is being worked on.");
        } catch (OperatorException e) {
            return; // somebody goes on with it right now
        }
        new StepRecord(session, stale.table, stale.scope).forget();
        LOG.info(
                "forgot the unfinished steps of {} in '{}'",
                stale.table,
                session.database().name());
    }
}
