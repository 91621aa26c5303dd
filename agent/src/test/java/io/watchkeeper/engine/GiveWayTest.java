package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.files.Brake;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GiveWayTest {

    @TempDir
    private Path state;

    private final StopSignal signal = new StopSignal("test");
    private final AtomicLong passes = new AtomicLong();

    /** Passes again and again until it is told to stop. */
    private CompletableFuture<Void> work(GiveWay way) {
        return CompletableFuture.runAsync(() -> {
            while (true) {
                signal.throwIfStopped();
                way.pass();
                passes.incrementAndGet();
            }
        });
    }

    private GiveWay way(String run, Duration heavyAfter) {
        return new GiveWay(
                () -> Brake.holder(state).filter(holder -> !holder.equals(run)), signal, heavyAfter, text -> {});
    }

    private boolean stands() throws InterruptedException {
        long before = passes.get();
        TimeUnit.MILLISECONDS.sleep(100);
        return passes.get() == before;
    }

    @Test
    void aHeavyRunWaitsWhileAnotherHoldsTheBrakeAndGoesOnWhenItIsReleased() {
        CompletableFuture<Void> working = work(way("copy", Duration.ZERO));
        try (Brake brake = Brake.hold(state, "remedy").orElseThrow()) {
            assertThat(brake).isNotNull();
            await().atMost(Duration.ofSeconds(10)).until(this::stands);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> !stands());
        signal.stop(StopReason.cancelled("a test"));
        assertThat(working).failsWithin(Duration.ofSeconds(5));
    }

    @Test
    void neitherTheRunThatHoldsItNorAShortRunWaits() {
        try (Brake brake = Brake.hold(state, "remedy").orElseThrow()) {
            assertThat(brake).isNotNull();
            GiveWay own = way("remedy", Duration.ZERO);
            GiveWay brief = way("lag", GiveWay.HEAVY_AFTER);
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_500);
            long began = System.nanoTime();
            while (System.nanoTime() < end) {
                own.pass();
                brief.pass();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aRunThatWaitsIsCancelledAtOnce() {
        try (Brake brake = Brake.hold(state, "remedy").orElseThrow()) {
            assertThat(brake).isNotNull();
            CompletableFuture<Void> working = work(way("copy", Duration.ZERO));
            await().atMost(Duration.ofSeconds(10)).until(this::stands);
            signal.stop(StopReason.cancelled("a test"));
            assertThatThrownBy(() -> working.get(2, TimeUnit.SECONDS)).hasCauseInstanceOf(WorkCancelledException.class);
        }
    }

    @Test
    void theBrakeOfAProcessThatDiedHoldsNobody() {
        try (OtherProcess other = OtherProcess.start(Braking.class, state.toString())) {
            assertThat(Brake.holder(state)).contains("dying");
            assertThat(Brake.hold(state, "remedy")).isEmpty();
            other.kill();
        }
        assertThat(Brake.holder(state)).isEmpty();
    }

    /** Another agent that holds the brake. */
    static final class Braking {
        private Braking() {}

        public static void main(String[] arguments) throws Exception {
            try (Brake brake = Brake.hold(Path.of(arguments[0]), "dying").orElseThrow()) {
                assertThat(brake).isNotNull();
                OtherProcess.readyUntilEndOfInput();
            }
        }
    }
}
