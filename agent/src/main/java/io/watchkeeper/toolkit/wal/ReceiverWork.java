package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a receiver does in the background: it has no deadline, and ends when the agent says so. */
final class ReceiverWork implements Work {

    private final String name;
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;

    ReceiverWork(String name) {
        this.name = name;
    }

    void stop() {
        stopped = true;
        Thread told = new Thread(() -> actions.forEach(Runnable::run), "stop-" + name);
        told.setDaemon(true);
        told.start();
    }

    boolean isStopped() {
        return stopped;
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
    public void throwIfCancelled() {
        if (stopped) {
            throw new WorkCancelledException("the receiver of the write-ahead log is being stopped");
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
    public void progress(Progress progress) {}
}
