package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.WorkCancelledException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Several threads at one piece of work, the caller's among them. When this returns they have all ended: a failure or an interrupt
 * of one ends the others.
 */
public final class ParallelCopies {

    private final StreamWork work;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    public ParallelCopies(StreamWork work) {
        this.work = work;
    }

    /**
     * Runs them all.
     *
     * @param own in this thread
     * @param others in a thread each
     * @throws RuntimeException the first of them that ended one, the others having ended because of it
     */
    public void run(Runnable own, List<Runnable> others) {
        List<Thread> threads = new ArrayList<>();
        Map<String, String> context = MDC.getCopyOfContextMap();
        for (Runnable other : others) {
            Thread thread = new Thread(
                    () -> {
                        if (context != null) {
                            MDC.setContextMap(context);
                        }
                        guarded(other);
                    },
                    "watchkeeper-copy-" + (threads.size() + 2));
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        guarded(own);
        boolean interrupted = Thread.interrupted();
        for (Thread thread : threads) {
            interrupted |= join(thread);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() instanceof Error error) {
            throw error;
        }
        if (failure.get() instanceof RuntimeException e) {
            throw e;
        }
    }

    private void guarded(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            work.stop();
        }
    }

    /** @return whether the wait was interrupted, which ends the others; they are waited for all the same */
    private boolean join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
                failure.compareAndSet(null, new WorkCancelledException("interrupted while tables were copied"));
                work.stop();
            }
        }
        return interrupted;
    }
}
