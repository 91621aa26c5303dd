package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.BriefLook;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.replicas.ReplicatingServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at replication from time to time, so that page and metrics know how far replicas are behind without any runbook. Databases
 * that replicate are looked at often, others once a minute, in case they begin to. What fails is noted and tried again.
 */
public final class ReplicationWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationWatch.class);

    private static final Duration OTHERS_EVERY = Duration.ofMinutes(1);

    /** Work goes first: a look that finds all connections in use is left out. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    /** A server that accepts a connection and does not answer holds a look no longer. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

    /** Of a fleet of unreachable ships each look waits for its connection; others go on meanwhile. */
    private static final int MOST_THREADS = 8;

    private final ReplicationSight sight;
    private final Duration every;
    private final ScheduledExecutorService threads;

    /** Begins at once. @param every between two looks at a database that replicates */
    public ReplicationWatch(ReplicationSight sight, Collection<Database> databases, Duration every) {
        this.sight = sight;
        this.every = every;
        int count = Math.max(1, Math.min(MOST_THREADS, databases.size()));
        this.threads = Executors.newScheduledThreadPool(count, task -> {
            Thread created = new Thread(task, "replication");
            created.setDaemon(true);
            return created;
        });
        databases.forEach(database -> again(database, 0));
    }

    private void again(Database database, long afterMs) {
        if (!threads.isShutdown()) {
            try {
                var unused = threads.schedule(() -> lookAndGoOn(database), afterMs, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // Closed this moment.
            }
        }
    }

    private void lookAndGoOn(Database database) {
        long began = System.nanoTime();
        boolean replicates = true;
        try {
            replicates = look(database);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("replication of {} could not be looked at", database.name(), e);
            replicates = isKnown(database);
            if (replicates) {
                sight.noteProblem(database.name(), String.valueOf(e.getMessage()));
            }
        } finally {
            long spent = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            long period = (replicates ? every : longer(every, OTHERS_EVERY)).toMillis();
            again(database, Math.max(period / 10, period - spent));
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Whether its trouble is worth a place on the board: it replicates, or is configured to. */
    private boolean isKnown(Database database) {
        return sight.isConfigured(database)
                || sight.board()
                        .server(database.name())
                        .filter(ReplicationWatch::replicates)
                        .isPresent();
    }

    private static boolean replicates(ReplicatingServer server) {
        return server.standby()
                || !server.replicas().isEmpty()
                || !server.slots().isEmpty();
    }

    /** @return whether it replicates */
    private boolean look(Database database) throws SQLException {
        Optional<Session> session = database.tryOpen(new BriefLook("watchkeeper replication", LONGEST_LOOK), PATIENCE);
        if (session.isEmpty()) {
            return true;
        }
        try (Session open = session.get()) {
            return replicates(sight.look(open));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
