package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.http.ReplicationDocument;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks once at the replication of every configured database, for a command that has no agent to ask. */
public final class ReplicationLook {

    /** Less than a doctor waits for one answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Work WORK = Work.unattended("watchkeeper replication");

    private ReplicationLook() {}

    /** As {@code GET /v1/replication} has it. @param database null for all */
    public static Map<String, Object> describe(AgentConfig config, Clock clock, @Nullable String database) {
        return ReplicationDocument.of(at(config, clock), limits(config), clock.instant(), database);
    }

    static ReplicationLimits limits(AgentConfig config) {
        return new ReplicationLimits(
                config.replication().warnAfter(), config.replication().alertAfter());
    }

    /** All at once, so that five servers without a link take as long as one; what cannot be looked at says why. */
    static ReplicationBoard at(AgentConfig config, Clock clock) {
        ReplicationBoard board = new ReplicationBoard();
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "replication-look");
            thread.setDaemon(true);
            return thread;
        });
        try (DatabasePools databases = new DatabasePools(config.databases())) {
            ReplicationSight sight = new ReplicationSight(databases.all(), config.state(), board, clock);
            threads.invokeAll(
                    databases.all().stream()
                            .map(database -> look(sight, database))
                            .toList(),
                    PATIENCE.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            threads.shutdownNow();
        }
        return board;
    }

    private static Callable<Boolean> look(ReplicationSight sight, Database database) {
        return () -> {
            try {
                sight.look(database, WORK);
                return true;
            } catch (SQLException | OperatorException e) {
                sight.noteProblem(database.name(), String.valueOf(e.getMessage()));
                return false;
            }
        };
    }
}
