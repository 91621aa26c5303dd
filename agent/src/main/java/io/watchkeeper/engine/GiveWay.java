package io.watchkeeper.engine;

import io.watchkeeper.files.Brake;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Lets a heavy run go on slowly while the brake of this host is held: it works for a tenth of the time and waits for the rest, at the
 * places where it asks whether to go on. It is not stopped altogether, because it may hold locks and transactions that time out.
 */
final class GiveWay {

    /** What is done sooner is not heavy. */
    private static final Duration HEAVY_AFTER = Duration.ofSeconds(30);

    private static final Duration WORKS = Duration.ofSeconds(1);
    private static final Duration WAITS = Duration.ofSeconds(9);
    private static final Duration LOOKS_AGAIN = Duration.ofMillis(500);

    private final Path state;
    private final String run;
    private final Duration heavyAfter;
    private final StopSignal signal;
    private final long began = System.nanoTime();
    private volatile long lookedAt = began;
    private volatile long waitsUntil = began;

    /** @param run that does not give way to itself */
    GiveWay(Path state, String run, StopSignal signal) {
        this(state, run, signal, HEAVY_AFTER);
    }

    GiveWay(Path state, String run, StopSignal signal, Duration heavyAfter) {
        this.state = state;
        this.run = run;
        this.signal = signal;
        this.heavyAfter = heavyAfter;
    }

    /**
     * Waits where the brake says so; else costs nothing.
     *
     * @throws io.watchkeeper.postgres.WorkCancelledException as soon as the run is told to stop
     */
    void pass() {
        long now = System.nanoTime();
        if (now - waitsUntil >= 0 && now - lookedAt >= WORKS.toNanos() && now - began >= heavyAfter.toNanos()) {
            lookedAt = now;
            if (isHeldByAnother()) {
                waitsUntil = now + WAITS.toNanos();
            }
        }
        // Every thread of the run, not only the one that looked.
        while (System.nanoTime() - waitsUntil < 0) {
            signal.pause(LOOKS_AGAIN);
            lookedAt = System.nanoTime();
            if (!isHeldByAnother()) {
                waitsUntil = lookedAt;
            }
        }
    }

    private boolean isHeldByAnother() {
        return Brake.holder(state).filter(holder -> !holder.equals(run)).isPresent();
    }
}
