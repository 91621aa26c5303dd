package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.index.TableTurn;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code REINDEX INDEX CONCURRENTLY}, beside the remediation: it may take long, and the replicas are watched meanwhile. Closing cancels
 * it on the server; what it leaves there is dropped with its record.
 */
final class IndexRebuilding implements AutoCloseable {

    private static final Duration ENDS_WITHIN = Duration.ofSeconds(15);

    private final Database primary;
    private final String index;
    private final CompletableFuture<Integer> backend = new CompletableFuture<>();
    private final CompletableFuture<String> outcome = new CompletableFuture<>();

    private IndexRebuilding(Database primary, String index) {
        this.primary = primary;
        this.index = index;
    }

    /** @param limit the server ends it then */
    static IndexRebuilding start(Database primary, String index, String applicationName, Duration limit) {
        IndexRebuilding rebuilding = new IndexRebuilding(primary, index);
        Thread thread = new Thread(() -> rebuilding.rebuild(applicationName, limit), "reindex " + index);
        thread.setDaemon(true);
        thread.start();
        return rebuilding;
    }

    private void rebuild(String applicationName, Duration limit) {
        long began = System.nanoTime();
        try (Session session = primary.open(Work.unattended(applicationName))) {
            backend.complete(session.one("select pg_backend_pid()", row -> row.getInt(1)));
            long before = size(session);
            session.query(
                    "select set_config('statement_timeout', ?, false)", Long.toString(Math.max(1, limit.toMillis())));
            if (!TableTurn.take(session, tableId(session))) {
                outcome.complete("another agent builds indexes of the table of " + index);
                return;
            }
            // It waits for old transactions without being in anybody's way.
            session.lockTimeout(Duration.ZERO);
            session.runVerbatim("REINDEX INDEX CONCURRENTLY " + index);
            outcome.complete("rebuilt " + index + " in " + DurationText.say(Duration.ofNanos(System.nanoTime() - began))
                    + ", " + Bytes.of(before) + " before and " + Bytes.of(size(session)) + " after");
        } catch (SQLException | RuntimeException e) {
            outcome.complete("rebuilding " + index + " ended without success: " + e.getMessage());
        } finally {
            backend.complete(0);
        }
    }

    private long tableId(Session session) throws SQLException {
        return session.one(
                "select indrelid::bigint from pg_index where indexrelid = ?::regclass", row -> row.getLong(1), index);
    }

    private long size(Session session) throws SQLException {
        return session.one("select pg_relation_size(?::regclass)", row -> row.getLong(1), index);
    }

    /** How it ended; empty while it goes on. */
    Optional<String> outcome() {
        return Optional.ofNullable(outcome.getNow(null));
    }

    @Override
    public void close() {
        if (outcome.isDone()) {
            return;
        }
        int pid = backend.getNow(0);
        try (Session session = primary.open(Work.unattended("watchkeeper ends a reindex"))) {
            session.query("select pg_cancel_backend(?)", pid);
        } catch (SQLException | OperatorException e) {
            // The server is gone, and with it what was to be ended; or the record will tell.
        }
        try {
            outcome.get(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The sweep drops what is left once nobody builds it.
        }
    }
}
