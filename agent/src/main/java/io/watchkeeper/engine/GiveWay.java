package io.watchkeeper.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Lets a heavy run go on slowly while something on this host or its servers is strained: it works for a tenth of the time and waits
 * for the rest, at the places where it asks whether to go on. It is not stopped altogether, because it may hold locks and
 * transactions that time out.
 */
final class GiveWay {

    /** What is done sooner is not heavy. */
    static final Duration HEAVY_AFTER = Duration.ofSeconds(30);

    private static final Duration WORKS = Duration.ofSeconds(1);
    private static final Duration WAITS = Duration.ofSeconds(9);
    private static final Duration LOOKS_AGAIN = Duration.ofMillis(500);

    private final Supplier<Optional<String>> strain;
    private final StopSignal signal;
    private final Duration heavyAfter;
    private final Consumer<String> log;
    private final long began = System.nanoTime();
    private volatile long lookedAt = began;
    private volatile long waitsUntil = began;

    /** Guarded by this. */
    private boolean told;

    /**
     * @param strain why to go on slowly; empty for no reason
     * @param heavyAfter how long it goes on at its own pace in any case
     * @param log hears when it begins to go on slowly, and when that is over
     */
    GiveWay(Supplier<Optional<String>> strain, StopSignal signal, Duration heavyAfter, Consumer<String> log) {
        this.strain = strain;
        this.signal = signal;
        this.heavyAfter = heavyAfter;
        this.log = log;
    }

    /**
     * Waits where there is a reason; else costs nothing.
     *
     * @throws io.watchkeeper.postgres.WorkCancelledException as soon as the run is told to stop
     */
    void pass() {
        long now = System.nanoTime();
        if (now - waitsUntil >= 0 && now - lookedAt >= WORKS.toNanos() && now - began >= heavyAfter.toNanos()) {
            lookedAt = now;
            if (isStrained()) {
                waitsUntil = now + WAITS.toNanos();
            }
        }
        // Every thread of the run, not only the one that looked.
        while (System.nanoTime() - waitsUntil < 0) {
            signal.pause(LOOKS_AGAIN);
            lookedAt = System.nanoTime();
            if (!isStrained()) {
                waitsUntil = lookedAt;
            }
        }
    }

    private boolean isStrained() {
        Optional<String> why = strain.get();
        tell(why);
        return why.isPresent();
    }

    /** Once for each time. */
    private synchronized void tell(Optional<String> why) {
        if (told == why.isPresent()) {
            return;
        }
        told = why.isPresent();
        log.accept(why.map(reason -> "goes on at a tenth of its pace because " + reason)
                .orElse("goes on at its own pace again"));
    }
}
