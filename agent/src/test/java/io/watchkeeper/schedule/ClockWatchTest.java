package io.watchkeeper.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClockWatchTest {

    private final AtomicLong nanos = new AtomicLong(5);
    private final ShiftedClock clock = ShiftedClock.standing("2026-05-04T10:00:00Z");
    private final ClockWatch watch = new ClockWatch(clock, nanos::get);

    private void pass(Duration byTheClock, Duration elapsed) {
        clock.shift(byTheClock);
        nanos.addAndGet(elapsed.toNanos());
    }

    @Test
    void aClockThatGoesEvenlyDoesNotJump() {
        pass(Duration.ofSeconds(1), Duration.ofSeconds(1));
        assertThat(watch.jump()).isZero();
    }

    @Test
    void sleepIsAJumpForward() {
        pass(Duration.ofHours(8).plusSeconds(1), Duration.ofSeconds(1));
        assertThat(watch.jump()).isEqualTo(Duration.ofHours(8));
        assertThat(watch.jump()).as("told once").isZero();
    }

    @Test
    void aClockThatIsSetBackJumpsBack() {
        pass(Duration.ofMinutes(-10), Duration.ofSeconds(2));
        assertThat(watch.jump()).isEqualTo(Duration.ofMinutes(-10).minusSeconds(2));
    }

    @Test
    void aProcessThatStoodStillSawNoJump() {
        pass(Duration.ofMinutes(10), Duration.ofMinutes(10));
        assertThat(watch.jump()).isZero();
    }
}
