package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops half-built indexes, and half-written tables of pg_repack, that died with whoever built them. What a living session works on is not touched, and nothing is made where
 * nothing was ever recorded.
 */
public final class RebuildSweep {

    private static final Logger LOG = LoggerFactory.getLogger(RebuildSweep.class);
    private static final Work WORK = Work.unattended("watchkeeper sweep");
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Dropping waits for transactions that use the table, without being in anybody's way. */
    static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    /** How long the server may take to end a statement that was cancelled. */
    private static final int ENDS_WITHIN_TENTHS = 50;

    private final Collection<Database> databases;

    public RebuildSweep(Collection<Database> databases) {
        this.databases = List.copyOf(databases);
    }

    /** Sweeps all databases. A failure is logged and stops nothing: the next sweep tries again. */
    public void sweep() {
        for (Database database : databases) {
            try {
                sweep(database);
            } catch (SQLException | RuntimeException e) {
                LOG.info("half-built indexes of '{}' are looked for later: {}", database.name(), e.getMessage());
            }
        }
    }

    /** Sweeps one. @return what was dropped */
    public static List<IndexName> sweep(Database database) throws SQLException {
        Optional<Session> free = database.tryOpen(WORK, PATIENCE);
        List<IndexName> dropped = new ArrayList<>();
        if (free.isEmpty()) {
            return dropped;
        }
        try (Session session = free.get()) {
            if (!AgentSchema.has(session, RebuildLedger.TABLE)
                    || session.one(
                            "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean",
                            row -> row.getBoolean(1))) {
                return dropped;
            }
            session.lockTimeout(LOCK_TIMEOUT);
            RebuildLedger ledger = RebuildLedger.of(session);
            for (RebuildLedger.Entry entry : ledger.all()) {
                if (TableTurn.take(session, entry.tableId())) {
                    dropped.addAll(forget(session, ledger, entry));
                    TableTurn.giveBack(session, entry.tableId());
                }
            }
        }
        return dropped;
    }

    /** One that cannot be dropped now, because a transaction uses its table, does not keep the others. */
    private static List<IndexName> forget(Session session, RebuildLedger ledger, RebuildLedger.Entry entry)
            throws SQLException {
        try {
            if (entry.what().startsWith(RepackSweep.WHAT) && !RepackSweep.clean(session, entry.tableId())) {
                return List.of();
            }
            List<IndexName> dropped = Leftovers.dropAll(session, entry.tableId());
            ledger.remove(entry.tableId());
            LOG.info(
                    "{} of '{}' did not come to its end; dropped: {}",
                    entry.what(),
                    session.database().name(),
                    dropped.isEmpty() ? "nothing was left" : dropped);
            return dropped;
        } catch (SQLException e) {
            if (!session.isUsable()) {
                throw e;
            }
            LOG.warn(
                    "what {} of '{}' has left is dropped later: {}",
                    entry.what(),
                    session.database().name(),
                    e.getMessage());
            return List.of();
        }
    }

    /**
     * Drops what a statement of this process has left on a table that failed or was cancelled just now; what cannot be dropped now is
     * dropped by the next sweep.
     *
     * @return what was dropped
     */
    static List<IndexName> after(Database database, long tableId) {
        try (Session session = database.open(WORK)) {
            session.lockTimeout(LOCK_TIMEOUT);
            RebuildLedger ledger = RebuildLedger.of(session);
            boolean mine = TableTurn.take(session, tableId);
            for (int i = 0; !mine && i < ENDS_WITHIN_TENTHS; i++) {
                session.query("select pg_sleep(0.1)");
                mine = TableTurn.take(session, tableId);
            }
            if (!mine) {
                return List.of();
            }
            for (RebuildLedger.Entry entry : ledger.all()) {
                boolean repack = entry.tableId() == tableId && entry.what().startsWith(RepackSweep.WHAT);
                if (repack && !RepackSweep.clean(session, tableId)) {
                    return List.of();
                }
            }
            List<IndexName> dropped = Leftovers.dropAll(session, tableId);
            ledger.remove(tableId);
            return dropped;
        } catch (SQLException | RuntimeException e) {
            LOG.warn(
                    "what a rebuild may have left in '{}' is dropped by the next sweep: {}",
                    database.name(),
                    e.getMessage());
            return List.of();
        }
    }
}
