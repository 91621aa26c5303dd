package io.watchkeeper.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/** A clock that goes on from a time of its own, or stands, and can be set. */
final class ShiftedClock extends Clock {

    private final Clock base;
    private volatile Duration offset;

    private ShiftedClock(Clock base, Instant now) {
        this.base = base;
        this.offset = Duration.between(base.instant(), now);
    }

    static ShiftedClock going(String now) {
        return new ShiftedClock(Clock.systemUTC(), Instant.parse(now));
    }

    static ShiftedClock standing(String now) {
        return new ShiftedClock(Clock.fixed(Instant.EPOCH, Schedules.UTC), Instant.parse(now));
    }

    void shift(Duration time) {
        offset = offset.plus(time);
    }

    @Override
    public Instant instant() {
        return base.instant().plus(offset);
    }

    @Override
    public ZoneId getZone() {
        return Schedules.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
