package io.watchkeeper.history;

import io.watchkeeper.history.HistoryFile.Work;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one connection that writes, for all threads of the process. What comes while a transaction is being written waits, and
 * goes to disk together in the next one: when a hundred runbooks are due in one second, the disk is waited for a few times
 * and not a hundred.
 */
final class SharedWriter implements AutoCloseable {

    private final Path file;
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Task<?>> waiting = new ConcurrentLinkedQueue<>();

    SharedWriter(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** A piece of work that waits for a transaction. Its fields are guarded by the lock. */
    private static final class Task<T> {
        private final Work<T> work;
        private @Nullable T result;
        private @Nullable Exception failure;
        private boolean done;

        Task(Work<T> work) {
            this.work = work;
        }

        void run(Connection connection) throws SQLException {
            result = work.in(connection);
        }

        void end(@Nullable Exception why) {
            failure = why;
            done = true;
        }

        T result(Path file) {
            if (failure instanceof SQLException e) {
                throw StoreProblem.of(file, e);
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (result == null) {
                throw new IllegalStateException("work without a result");
            }
            return result;
        }
    }

    /**
     * Runs the work in a transaction that is on disk when this returns. The work may run in another thread, and a second time
     * after a first was rolled back.
     */
    <T> T write(Work<T> work) {
        Task<T> mine = new Task<>(work);
        waiting.add(mine);
        lock.lock();
        try {
            // Whoever had the lock before has perhaps done it along with theirs.
            if (!mine.done) {
                runWaiting();
            }
        } finally {
            lock.unlock();
        }
        return mine.result(file);
    }

    private void runWaiting() {
        List<Task<?>> tasks = new ArrayList<>();
        for (Task<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            tasks.add(task);
        }
        Exception failure = together(tasks);
        if (failure != null && tasks.size() > 1 && !StoreProblem.isBusy(failure)) {
            // One of them spoils it for all: each for itself then. Not when another process holds the store: each would
            // wait as
            // long as all together have.
            tasks.forEach(task -> task.end(together(List.of(task))));
        } else {
            tasks.forEach(task -> task.end(failure));
        }
    }

    /** @return why it did not succeed; null when all are on disk */
    private @Nullable Exception together(List<Task<?>> tasks) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("begin immediate");
            for (Task<?> task : tasks) {
                task.run(connection);
            }
            statement.execute("commit");
            return null;
        } catch (SQLException | RuntimeException e) {
            HistoryFile.rollBack(connection);
            return e;
        }
    }

    @Override
    public void close() throws SQLException {
        lock.lock();
        try {
            connection.close();
        } finally {
            lock.unlock();
        }
    }
}
