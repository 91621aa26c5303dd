package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A piece of work done by several threads: it ends when the work is told to stop, and when one of the threads failed in a way
 * that ends the others too.
 */
public final class StreamWork implements Work {

    private final Work whole;
    private final Set<Once> actions = new LinkedHashSet<>();
    private boolean stopped;

    public StreamWork(Work whole) {
        this.whole = whole;
    }

    /** Ends what all threads do, as if the work was told to stop. Returns at once. */
    public void stop() {
        List<Once> toRun;
        synchronized (actions) {
            stopped = true;
            toRun = new ArrayList<>(actions);
            actions.clear();
        }
        toRun.forEach(StreamWork::runAside);
    }

    private static void runAside(Runnable action) {
        Thread thread = new Thread(action, "watchkeeper-cancel");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public String applicationName() {
        return whole.applicationName();
    }

    @Override
    public Optional<Instant> deadline() {
        return whole.deadline();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return whole.timeLeft();
    }

    @Override
    public OptionalLong sharedRate() {
        return whole.sharedRate();
    }

    @Override
    public void throwIfCancelled() {
        whole.throwIfCancelled();
        synchronized (actions) {
            if (stopped) {
                throw new WorkCancelledException("another part of the work failed");
            }
        }
    }

    @Override
    public Registration onCancel(Runnable action) {
        Once once = new Once(action);
        boolean now;
        synchronized (actions) {
            now = stopped;
            actions.add(once);
        }
        if (now) {
            runAside(once);
        }
        Registration whenWhole = whole.onCancel(once);
        return () -> {
            synchronized (actions) {
                actions.remove(once);
            }
            whenWhole.close();
        };
    }

    @Override
    public void progress(Progress progress) {
        whole.progress(progress);
    }

    @Override
    public boolean readOnly() {
        return whole.readOnly();
    }

    /** Both the work and a thread of it may say stop. */
    private static final class Once implements Runnable {
        private final Runnable action;
        private boolean ran;

        Once(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            synchronized (this) {
                if (ran) {
                    return;
                }
                ran = true;
            }
            action.run();
        }
    }
}
