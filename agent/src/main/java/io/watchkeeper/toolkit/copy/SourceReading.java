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

/** Something that is read from the source in a thread of its own while the target works. The session is its own until it is awaited. */
public final class SourceReading<T> {

    private final Session session;
    private final FutureTask<T> task;

    private SourceReading(Session session, Callable<T> reading) {
        this.session = session;
        this.task = new FutureTask<>(reading);
    }

    public static SourceReading<Digest> digest(Session session, String sql) {
        return start(session, () -> Digest.read(session, sql));
    }

    /** @param reading uses this session and no other */
    public static <T> SourceReading<T> start(Session session, Callable<T> reading) {
        SourceReading<T> started = new SourceReading<>(session, reading);
        Thread thread = new Thread(started.task, "watchkeeper-source");
        thread.setDaemon(true);
        thread.start();
        return started;
    }

    public T await() throws SQLException {
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
            throw new WorkCancelledException("interrupted while the source was read");
        }
    }

    /** Ends the statement and waits for that, because the session goes back to its owner; its outcome does not matter any more. */
    public void abandon() {
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
