package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets through each subject's progress a few times a second, the last state of each of its stages in any case, and at once that
 * it is finished.
 */
final class ProgressThrottle implements Consumer<Progress> {

    private static final Duration GAP = Duration.ofMillis(200);

    private final Consumer<Progress> target;
    private final Map<String, Passed> subjects = new LinkedHashMap<>();

    /** What was let through last of a subject, and what came after it. */
    private static final class Passed {
        private String stage = "";
        private long at;
        private @Nullable Progress heldBack;
    }

    ProgressThrottle(Consumer<Progress> target) {
        this.target = target;
    }

    @Override
    public synchronized void accept(Progress progress) {
        if (progress.isFinished()) {
            subjects.remove(progress.subject());
            target.accept(progress);
            return;
        }
        long now = System.nanoTime();
        Passed before = subjects.computeIfAbsent(progress.subject(), subject -> new Passed());
        boolean sameStage = before.stage.equals(progress.stage());
        if (sameStage && now - before.at < GAP.toNanos()) {
            before.heldBack = progress;
            return;
        }
        if (!sameStage) {
            release(before);
        }
        before.stage = progress.stage();
        before.at = now;
        before.heldBack = null;
        target.accept(progress);
    }

    /** Lets through what was held back. */
    synchronized void flush() {
        subjects.values().forEach(this::release);
    }

    private void release(Passed subject) {
        Progress late = subject.heldBack;
        if (late != null) {
            subject.heldBack = null;
            target.accept(late);
        }
    }
}
