package io.watchkeeper.engine;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the one thread that runs something to stop, whatever it is doing: its statements are cancelled on their servers, its
 * sleep is interrupted, and its next question whether to go on is answered with an exception.
 */
final class StopSignal {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    private final String name;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Guarded by this, as the rest. */
    private final Map<Object, Runnable> actions = new LinkedHashMap<>();

    private @Nullable StopReason reason;
    private @Nullable Thread thread;
    private boolean ended;

    /** @param name of the thread that carries out the stop */
    StopSignal(String name) {
        this.name = name;
    }

    /** From now on this thread is the one to stop. */
    synchronized void begin() {
        thread = Thread.currentThread();
        if (reason != null) {
            thread.interrupt();
        }
    }

    /** The thread has done what could be stopped: nothing disturbs it any more. */
    synchronized void end() {
        thread = null;
        ended = true;
        Thread.interrupted();
    }

    /** Stops the work, unless it has ended or was stopped already: the first reason counts. */
    synchronized void stop(StopReason why) {
        if (reason != null || ended) {
            return;
        }
        reason = why;
        stopped.countDown();
        if (thread != null) {
            thread.interrupt();
        }
        // In a thread of its own: a cancel request travels to a server that may be slow or gone.
        Thread messenger = new Thread(this::carryOut, "stop " + name);
        messenger.setDaemon(true);
        messenger.start();
    }

    private void carryOut() {
        List<Runnable> now;
        synchronized (this) {
            now = new ArrayList<>(actions.values());
        }
        now.forEach(StopSignal::perform);
    }

    private static void perform(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.warn("an action that should stop a run failed", e);
        }
    }

    /** Why the work was told to stop; empty when it was not. */
    synchronized Optional<StopReason> reason() {
        return Optional.ofNullable(reason);
    }

    /** @throws WorkCancelledException when the work was told to stop */
    void throwIfStopped() {
        throwIfStopped(null);
    }

    /** @param failure in which the stop showed itself, kept as the cause because it knows the place */
    void throwIfStopped(@Nullable Throwable failure) {
        StopReason why = reason().orElse(null);
        if (why != null) {
            WorkCancelledException stop = new WorkCancelledException(why.message());
            if (failure != null) {
                stop.initCause(failure);
            }
            throw stop;
        }
    }

    Work.Registration onStop(Runnable action) {
        Object key = new Object();
        boolean now;
        synchronized (this) {
            actions.put(key, action);
            now = reason != null;
        }
        if (now) {
            perform(action);
        }
        return () -> {
            synchronized (this) {
                actions.remove(key);
            }
        };
    }

    /** Waits. @throws WorkCancelledException as soon as the work is told to stop */
    void pause(Duration time) {
        long end = System.nanoTime() + Math.max(0, time.toNanos());
        boolean waiting = true;
        while (waiting) {
            throwIfStopped();
            try {
                stopped.await(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                waiting = false;
            } catch (InterruptedException e) {
                // The stop interrupts too; any other interrupt is not meant for the wait.
                waiting = System.nanoTime() < end;
            }
        }
        throwIfStopped();
    }
}
