package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Lets through each subject's and stage's progress a few times a second, and its last state in any case. */
final class ProgressThrottle implements Consumer<Progress> {

    private static final Duration GAP = Duration.ofMillis(200);

    private record Key(String subject, String stage) {}

    private final Consumer<Progress> target;
    private final Map<Key, Long> passedAt = new LinkedHashMap<>();
    private final Map<Key, Progress> heldBack = new LinkedHashMap<>();

    ProgressThrottle(Consumer<Progress> target) {
        this.target = target;
    }

    @Override
    public synchronized void accept(Progress progress) {
        Key key = new Key(progress.subject(), progress.stage());
        long now = System.nanoTime();
        Long before = passedAt.get(key);
        if (before == null || now - before >= GAP.toNanos()) {
            passedAt.put(key, now);
            heldBack.remove(key);
            target.accept(progress);
        } else {
            heldBack.put(key, progress);
        }
    }

    /** Lets through what was held back. */
    synchronized void flush() {
        heldBack.values().forEach(target);
        heldBack.clear();
    }
}
