package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.WorkCancelledException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;

/** The source's digest, read in a thread of its own while the target's is read. The session is its own until it is awaited. */
final class SourceDigest {

    private final Session session;
    private final FutureTask<Digest> task;

    private SourceDigest(Session session, Callable<Digest> reading) {
        this.session = session;
        this.task = new FutureTask<>(reading);
    }

    static SourceDigest start(Session session, String sql) {
        SourceDigest digest = new SourceDigest(session, () -> Digest.read(session, sql));
        Thread thread = new Thread(digest.task, "watchkeeper-verify");
        thread.setDaemon(true);
        thread.start();
        return digest;
    }

    Digest await() throws SQLException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            abandon();
            Thread.currentThread().interrupt();
            throw new WorkCancelledException("interrupted while the source was verified");
        }
    }

    /** Ends the statement and waits for that, because the session goes back to its owner; its outcome does not matter any more. */
    void abandon() {
        boolean interrupted = false;
        while (!task.isDone()) {
            try {
                session.connection().unwrap(PGConnection.class).cancelQuery();
                task.get(1, TimeUnit.SECONDS);
            } catch (SQLException | ExecutionException | TimeoutException e) {
                // The other side's failure is the one to tell. A cancel that came too early is sent again.
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
