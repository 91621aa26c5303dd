package io.watchkeeper.toolkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Lsn;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LsnClockTest {

    private static final Instant START = Instant.parse("2026-05-01T00:00:00Z");

    @Test
    void tellsWhenTheLogWentBeyondAPosition() {
        LsnClock clock =
                LsnClock.EMPTY.with(at(0), lsn(1000)).with(at(10), lsn(2000)).with(at(20), lsn(2500));
        assertThat(clock.wentBeyond(lsn(1500))).contains(at(5));
        assertThat(clock.wentBeyond(lsn(2250))).contains(at(15));
        assertThat(clock.wentBeyond(lsn(2500))).contains(at(20));
        assertThat(clock.wentBeyond(lsn(10))).contains(at(0));
        assertThat(LsnClock.EMPTY.wentBeyond(lsn(10))).isEmpty();
    }

    /** An hour of silence before a write must not count as an hour of lag. */
    @Test
    void countsFromTheLookAfterIdleTime() {
        LsnClock clock =
                LsnClock.EMPTY.with(at(0), lsn(1000)).with(at(3600), lsn(1000)).with(at(3610), lsn(2000));
        assertThat(clock.wentBeyond(lsn(1000))).contains(at(3610));
        LsnClock later = clock.with(at(3620), lsn(2000));
        assertThat(later.wentBeyond(lsn(1000))).contains(at(3610));
    }

    @Test
    void forgetsPositionsThatAPromotionOrRestoreHasTakenBack() {
        LsnClock clock =
                LsnClock.EMPTY.with(at(0), lsn(1000)).with(at(10), lsn(5000)).with(at(20), lsn(3000));
        assertThat(clock.samples()).extracting(LsnClock.Sample::lsn).containsExactly(lsn(1000), lsn(3000));
    }

    @Test
    void forgetsTimesThatTheClockHasTakenBack() {
        LsnClock clock =
                LsnClock.EMPTY.with(at(0), lsn(1000)).with(at(100), lsn(2000)).with(at(50), lsn(3000));
        assertThat(clock.samples()).extracting(LsnClock.Sample::at).containsExactly(at(0), at(50));
    }

    @Test
    void keepsFewSamplesOfManyAndStaysExact() {
        LsnClock clock = LsnClock.EMPTY;
        int looks = 100_000;
        for (int i = 0; i <= looks; i++) {
            clock = clock.with(at(10L * i), lsn(1000L * i + 1));
        }
        Instant now = at(10L * looks);
        assertThat(clock.samples().size()).isLessThan(400);
        for (int i : new int[] {1, 500, 50_000, 99_000, 99_990}) {
            Duration age = Duration.between(at(10L * i), now);
            Duration told =
                    Duration.between(clock.wentBeyond(lsn(1000L * i + 1)).orElseThrow(), now);
            assertThat(told.minus(age).abs())
                    .isLessThanOrEqualTo(age.dividedBy(10).plusSeconds(10));
        }
        assertThat(clock.rate(Duration.ofMinutes(10)))
                .hasValueSatisfying(rate -> assertThat(rate).isBetween(99.0, 101.0));
    }

    @Test
    void joinsWhatTwoProcessesHaveSeen() {
        LsnClock one = LsnClock.EMPTY.with(at(0), lsn(1000)).with(at(20), lsn(3000));
        LsnClock other = LsnClock.EMPTY.with(at(10), lsn(2900));
        assertThat(one.mergedWith(other)).isEqualTo(other.mergedWith(one));
        assertThat(one.mergedWith(other).wentBeyond(lsn(2900))).contains(at(20));
    }

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    private static Lsn lsn(long position) {
        return new Lsn(position);
    }
}
