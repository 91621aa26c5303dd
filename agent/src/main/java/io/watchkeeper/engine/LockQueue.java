package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Waits for lock files: first come, first served among the runs of this process, as luck will have it among processes. */
final class LockQueue {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    /** Guarded by itself. */
    private final Map<Path, Deque<ActiveRun>> waiting = new HashMap<>();

    /**
     * Takes the lock, waiting until it is free.
     *
     * @param inTheWay hears of each holder that is found in the way, once each
     * @throws io.watchkeeper.postgres.WorkCancelledException when the run is told to stop
     */
    LockFile await(Path file, ActiveRun run, Consumer<LockHolder> inTheWay) {
        join(file, run);
        try {
            Optional<LockHolder> known = Optional.empty();
            while (true) {
                run.signal().throwIfStopped();
                Optional<LockFile> lock = isFirst(file, run) ? tryTake(file, run) : Optional.empty();
                if (lock.isPresent()) {
                    return lock.get();
                }
                Optional<LockHolder> holder = holder(file);
                if (holder.isPresent() && !holder.equals(known)) {
                    known = holder;
                    inTheWay.accept(holder.get());
                }
                run.signal().pause(LOOK_AGAIN);
            }
        } finally {
            leave(file, run);
        }
    }

    /** Takes the lock if it is free and nobody waits for it. */
    Optional<LockFile> tryTakeAtOnce(Path file, ActiveRun run) {
        synchronized (waiting) {
            if (waiting.containsKey(file)) {
                return Optional.empty();
            }
        }
        return tryTake(file, run);
    }

    static Optional<LockHolder> holder(Path file) {
        return LockFile.holder(file).flatMap(LockHolder::parse);
    }

    /** The runs of this process that wait in front of this one. */
    List<ActiveRun> ahead(Path file, ActiveRun run) {
        synchronized (waiting) {
            List<ActiveRun> ahead = new ArrayList<>();
            for (ActiveRun other : waiting.getOrDefault(file, new ArrayDeque<>())) {
                if (other == run) {
                    break;
                }
                ahead.add(other);
            }
            return ahead;
        }
    }

    private static Optional<LockFile> tryTake(Path file, ActiveRun run) {
        return LockFile.tryAcquire(file, run.asHolder().text());
    }

    private void join(Path file, ActiveRun run) {
        synchronized (waiting) {
            waiting.computeIfAbsent(file, f -> new ArrayDeque<>()).addLast(run);
        }
    }

    private boolean isFirst(Path file, ActiveRun run) {
        return ahead(file, run).isEmpty();
    }

    private void leave(Path file, ActiveRun run) {
        synchronized (waiting) {
            waiting.computeIfPresent(file, (f, queue) -> {
                queue.remove(run);
                return queue.isEmpty() ? null : queue;
            });
        }
    }
}
