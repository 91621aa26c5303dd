package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Measures a drill and its parts. */
final class DrillClock {

    private final long begin = System.nanoTime();
    private final List<DrillPhase> phases = new ArrayList<>();
    private final String subject;
    private final Work work;
    private String phase = "";
    private long phaseBegin;

    DrillClock(String subject, Work work) {
        this.subject = subject;
        this.work = work;
    }

    /** Ends the running phase and begins another. */
    void enter(String name) {
        end();
        work.throwIfCancelled();
        phase = name;
        phaseBegin = System.nanoTime();
        work.progress(new Progress(subject, name, 0, -1, 0));
    }

    /** Ends the running phase. */
    void end() {
        if (!phase.isEmpty()) {
            phases.add(new DrillPhase(
                    phase, Duration.ofNanos(phaseBegin - begin), Duration.ofNanos(System.nanoTime() - phaseBegin)));
            phase = "";
        }
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    List<DrillPhase> phases() {
        return List.copyOf(phases);
    }
}
