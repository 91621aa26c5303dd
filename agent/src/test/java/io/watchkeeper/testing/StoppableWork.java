package io.watchkeeper.testing;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Work that a test stops, and whose progress it can read. */
public final class StoppableWork implements Work {

    private final String name;
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();
    public final List<Progress> progress = new CopyOnWriteArrayList<>();
    private volatile Consumer<Progress> onProgress = p -> {};
    private volatile Optional<Duration> timeLeft = Optional.empty();
    private volatile boolean stopped;

    public StoppableWork(String name) {
        this.name = name;
    }

    public StoppableWork onProgress(Consumer<Progress> action) {
        onProgress = action;
        return this;
    }

    public StoppableWork timeLeft(Duration left) {
        timeLeft = Optional.of(left);
        return this;
    }

    /** Returns at once, as the engine does. */
    public void stop() {
        stopped = true;
        new Thread(() -> actions.forEach(Runnable::run), "stop " + name).start();
    }

    @Override
    public String applicationName() {
        return name;
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return timeLeft;
    }

    @Override
    public void throwIfCancelled() {
        if (stopped) {
            throw new WorkCancelledException("stopped by the test");
        }
    }

    @Override
    public Registration onCancel(Runnable action) {
        actions.add(action);
        if (stopped) {
            action.run();
        }
        return () -> actions.remove(action);
    }

    @Override
    public void progress(Progress one) {
        progress.add(one);
        onProgress.accept(one);
    }
}
