package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to say about a step while it goes on. Verbs may report from threads of their own. */
final class StepRecord {

    private final int index;
    private final String name;
    private final long startedNanos = System.nanoTime();
    private final List<VerbResult> results = new ArrayList<>();
    private int attempts;

    StepRecord(int index, String name) {
        this.index = index;
        this.name = name;
    }

    int index() {
        return index;
    }

    String name() {
        return name;
    }

    /** A new attempt begins; what the one before had done does not count. */
    synchronized void beginAttempt() {
        attempts++;
        results.clear();
    }

    synchronized int attempts() {
        return attempts;
    }

    synchronized void add(VerbResult result) {
        results.add(result);
    }

    synchronized StepOutcome outcome(RunState state, @Nullable RunError error) {
        Duration duration = Duration.ofNanos(System.nanoTime() - startedNanos);
        return new StepOutcome(index, name, state, duration, attempts, results, error);
    }
}
