package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The recommended number is the smallest that is as good as the best, and comes with what the best was bound by. */
class WorkerAdviceTest {

    private static final WorkerAdvice.Ends NEAR =
            new WorkerAdvice.Ends("shore", "ship", Duration.ofNanos(300_000), Duration.ofNanos(400_000), true);

    @Test
    void takesTheSmallestNumberWithinFivePerCentOfTheBest() {
        WorkerAdvice advice = WorkerAdvice.of(rates(0.1, 0.9, 0.5, 10_000, 19_000, 28_600, 30_000), NEAR);

        assertThat(advice.workers()).isEqualTo(3);
        assertThat(advice.line()).isEqualTo("workers 3");
        assertThat(advice.reason()).contains("95 % of the best, which took 4 workers");
    }

    @Test
    void aRateJustBelowThatIsNotEnough() {
        assertThat(WorkerAdvice.of(rates(0.1, 0.9, 0.5, 10_000, 19_000, 28_400, 30_000), NEAR))
                .satisfies(advice -> assertThat(advice.workers()).isEqualTo(4))
                .satisfies(advice -> assertThat(advice.reason()).contains("a larger --max may find a better number"));
    }

    @Test
    void oneIsRecommendedWhereMoreBringNothing() {
        assertThat(WorkerAdvice.of(rates(0.1, 0.9, 0.5, 10_000, 9_000, 8_000), NEAR)
                        .line())
                .isEqualTo("workers 1");
    }

    @Test
    void namesTheCpuWhereAServerIsOnABusyHost() {
        assertThat(WorkerAdvice.of(rates(0.1, 0.9, 0.97, 10_000, 12_000), NEAR).reason())
                .contains("bound by the CPU of this host, which was 97 % busy");
    }

    @Test
    void aBusyHostIsNotTheReasonWhereNoServerIsOnIt() {
        WorkerAdvice.Ends far =
                new WorkerAdvice.Ends("shore", "ship", Duration.ofNanos(300_000), Duration.ofMillis(612), false);

        assertThat(WorkerAdvice.of(rates(0.1, 0.8, 0.97, 10_000, 12_000), far).reason())
                .contains("bound by the link to 'ship' or that server", "80 %", "round trip 612 ms");
    }

    @Test
    void namesTheSideThatWorkersWaitedFor() {
        assertThat(WorkerAdvice.of(rates(0.1, 0.8, 0.5, 10_000, 12_000), NEAR).reason())
                .contains("bound by the target 'ship': workers waited 80 % of their time for it, round trip 0.4 ms");
        assertThat(WorkerAdvice.of(rates(0.7, 0.2, 0.5, 10_000, 12_000), NEAR).reason())
                .contains("bound by the source 'shore'");
        assertThat(WorkerAdvice.of(rates(0.3, 0.4, 0.5, 10_000, 12_000), NEAR).reason())
                .contains("bound by nothing in particular");
    }

    /** One measurement of a second for each rate, from one worker on. */
    private static List<WorkerMeasurement> rates(double forSource, double forTarget, double busy, long... rates) {
        List<WorkerMeasurement> all = new ArrayList<>();
        for (int i = 0; i < rates.length; i++) {
            long nanos = 1_000_000_000L * (i + 1);
            all.add(new WorkerMeasurement(
                    i + 1,
                    rates[i],
                    rates[i] * 100,
                    Duration.ofSeconds(1),
                    Duration.ofNanos((long) (nanos * forSource)),
                    Duration.ofNanos((long) (nanos * forTarget)),
                    new HostCpu((long) (1_000 * busy), 1_000, Duration.ofMillis(100))));
        }
        return all;
    }
}
