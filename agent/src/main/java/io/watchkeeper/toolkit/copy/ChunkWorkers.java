package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Threads that copy chunks as they are handed over. When one fails, the others finish what they have in hand, because that is as
 * good as done, and then all end.
 */
final class ChunkWorkers implements AutoCloseable {

    private static final long LOOK_UP_MS = 100;

    /** Copies chunks over connections of its own. Used by one thread. */
    interface Worker extends AutoCloseable {
        void copy(Chunk chunk) throws SQLException;

        @Override
        void close() throws SQLException;
    }

    /** Makes a worker, in the worker's thread. */
    interface Opening {
        Worker open() throws SQLException;
    }

    /** Why a worker ended. */
    record Failure(@Nullable Chunk chunk, Exception cause) {
        /** The cause, for the leader to throw. @throws SQLException when it is one */
        RuntimeException rethrown() throws SQLException {
            if (cause instanceof SQLException e) {
                throw e;
            }
            return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
        }
    }

    private final Opening opening;
    private final Work work;
    private final SynchronousQueue<Chunk> handOver = new SynchronousQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
    private volatile int wanted;
    private volatile boolean ending;

    ChunkWorkers(Opening opening, Work work) {
        this.opening = opening;
        this.work = work;
    }

    /** How many are to work from now on. One too many ends after the chunk it has. */
    void resize(int workers) {
        wanted = workers;
        while (threads.size() < workers) {
            int index = threads.size();
            Thread thread = new Thread(() -> run(index), "watchkeeper-copy-" + (index + 1));
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(int index) {
        Chunk chunk = null;
        try (Worker worker = opening.open()) {
            while (!ending && failure.get() == null) {
                if (index >= wanted) {
                    TimeUnit.MILLISECONDS.sleep(LOOK_UP_MS);
                    continue;
                }
                chunk = handOver.poll(LOOK_UP_MS, TimeUnit.MILLISECONDS);
                if (chunk != null) {
                    worker.copy(chunk);
                    chunk = null;
                }
            }
        } catch (InterruptedException e) {
            // Only close() interrupts.
        } catch (SQLException | RuntimeException e) {
            failure.compareAndSet(null, new Failure(chunk, e));
        }
    }

    /** Waits until a worker takes the chunk. @return false when they are ending because one has failed */
    boolean give(Chunk chunk) {
        try {
            while (failure.get() == null) {
                work.throwIfCancelled();
                if (handOver.offer(chunk, LOOK_UP_MS, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkCancelledException("interrupted while a table was copied");
        }
    }

    /** Waits until all chunks that were given are in. @return the failure that came first; null when there is none */
    @Nullable
    Failure finish() {
        ending = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorkCancelledException("interrupted while a table was copied");
            }
        }
        return failure.get();
    }

    /** Ends the workers, whatever they have in hand, and waits for them. */
    @Override
    public void close() {
        ending = true;
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.interrupt();
                    thread.join(500);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
