package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockoutTest {

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-21T03:00:00Z"));
    private final Lockout lockout = new Lockout(clock::nanos);

    @Test
    void locksOutLongerWithEachWrongTokenUpToFiveMinutes() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Duration pause = lockout.failed("192.0.2.1", "wrong-" + i);
            pauses.add(pause.toSeconds());
            clock.forward(pause);
        }
        assertThat(pauses).containsExactly(0L, 0L, 0L, 0L, 1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L, 300L, 300L);
    }

    @Test
    void neverLocksOutAnotherAddress() {
        fail("192.0.2.1", 20);
        assertThat(lockout.remaining("192.0.2.1", "any")).isPositive();
        assertThat(lockout.remaining("192.0.2.2", "any")).isZero();
    }

    @Test
    void takesAllAddressesOfOneIpv6NetworkForOne() {
        fail("[2001:db8:1:2::1]", 3);
        fail("2001:db8:1:2:ffff::9", 2);
        assertThat(lockout.remaining("2001:db8:1:2::77", "any")).isPositive();
        assertThat(lockout.remaining("2001:db8:1:3::77", "any")).isZero();
    }

    @Test
    void forgetsAfterAQuarterOfAnHourAndNotForARightToken() {
        fail("192.0.2.1", 8);
        lockout.succeeded("192.0.2.1", "right");
        assertThat(lockout.failed("192.0.2.1", "another")).isEqualTo(Duration.ofSeconds(16));
        fail("192.0.2.3", 8);
        clock.forward(Duration.ofMinutes(16));
        assertThat(lockout.failed("192.0.2.3", "another")).isZero();
    }

    @Test
    void looksAtTokensThatWereRightFromThereAndAtNoOther() {
        lockout.succeeded("192.0.2.1", "right");
        fail("192.0.2.1", 8);
        assertThat(lockout.remaining("192.0.2.1", "right")).isZero();
        assertThat(lockout.remaining("192.0.2.1", "right elsewhere")).isPositive();
        assertThat(lockout.failed("192.0.2.1", "right")).isPositive();
        assertThat(lockout.remaining("192.0.2.1", "right")).isPositive();
    }

    @Test
    void remembersThirtyTwoRightTokensOfAnAddress() {
        lockout.succeeded("192.0.2.1", "first");
        for (int i = 0; i < 40; i++) {
            lockout.succeeded("192.0.2.1", "right-" + i);
            lockout.succeeded("192.0.2.1", "first");
        }
        fail("192.0.2.1", 8);
        assertThat(lockout.remaining("192.0.2.1", "first")).isZero();
        assertThat(lockout.remaining("192.0.2.1", "right-39")).isZero();
        assertThat(lockout.remaining("192.0.2.1", "right-0")).isPositive();
    }

    @Test
    void takesTheSameWrongTokenForNoGuess() {
        for (int i = 0; i < 50; i++) {
            assertThat(lockout.failed("192.0.2.1", "revoked")).isZero();
        }
        assertThat(lockout.remaining("192.0.2.1", "right")).isZero();
    }

    @Test
    void remembersABoundedNumberOfAddresses() {
        for (int i = 0; i < 50_000; i++) {
            lockout.failed("10." + (i >> 16) + "." + ((i >> 8) & 255) + "." + (i & 255), "wrong");
            lockout.remaining("192.168." + ((i >> 8) & 255) + "." + (i & 255), "any");
        }
        assertThat(lockout.size()).isLessThanOrEqualTo(4_096);
    }

    private void fail(String address, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(lockout.failed(address, address + " " + i)).isGreaterThanOrEqualTo(Duration.ZERO);
        }
    }
}
