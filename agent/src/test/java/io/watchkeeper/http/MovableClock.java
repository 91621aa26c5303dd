package io.watchkeeper.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Stands still until it is told otherwise. */
final class MovableClock extends Clock {

    private volatile Instant now;
    private volatile long nanos;

    MovableClock(Instant now) {
        this.now = now;
    }

    synchronized void forward(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    /** Somebody sets it back; no less time has passed for that. */
    synchronized void setBack(Duration time) {
        now = now.minus(time);
    }

    /** As {@link System#nanoTime}. */
    long nanos() {
        return nanos;
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
