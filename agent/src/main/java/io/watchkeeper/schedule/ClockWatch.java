package io.watchkeeper.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Notices when the clock was set, or the host slept: then the clock has moved by another amount than the time that has passed
 * by the processor's count, which stands still while a host sleeps.
 */
final class ClockWatch {

    private final Clock clock;
    private final LongSupplier nanos;
    private Instant lastTime;
    private long lastNanos;

    /** @param nanos as {@link System#nanoTime} */
    ClockWatch(Clock clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
        this.lastTime = clock.instant();
        this.lastNanos = nanos.getAsLong();
    }

    /** How far the clock has jumped since this was last asked: negative when backward, next to nothing when it goes evenly. */
    Duration jump() {
        Instant time = clock.instant();
        long now = nanos.getAsLong();
        Duration jump = Duration.between(lastTime, time).minusNanos(now - lastNanos);
        lastTime = time;
        lastNanos = now;
        return jump;
    }
}
