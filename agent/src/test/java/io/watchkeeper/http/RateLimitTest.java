package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void letsTwiceTheRateThroughAtOnceAndTheRateForLong() {
        RateLimit limit = new RateLimit(10, nanos::get);
        assertThat(passes(limit, "192.0.2.1", 100)).isEqualTo(20);
        assertThat(limit.take("192.0.2.1")).isPositive().isLessThanOrEqualTo(Duration.ofMillis(100));
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(passes(limit, "192.0.2.1", 100)).isEqualTo(10);
    }

    @Test
    void countsEachAddressForItself() {
        RateLimit limit = new RateLimit(10, nanos::get);
        assertThat(passes(limit, "192.0.2.1", 100)).isEqualTo(20);
        assertThat(passes(limit, "192.0.2.2", 100)).isEqualTo(20);
    }

    @Test
    void canBeTurnedOff() {
        assertThat(passes(new RateLimit(0, nanos::get), "192.0.2.1", 10_000)).isEqualTo(10_000);
    }

    private static int passes(RateLimit limit, String address, int times) {
        int passed = 0;
        for (int i = 0; i < times; i++) {
            passed += limit.take(address).isZero() ? 1 : 0;
        }
        return passed;
    }
}
