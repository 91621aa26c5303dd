package io.watchkeeper.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchdogTest {

    private static final String HUNDRED_MILLISECONDS = "100000";

    @TempDir
    Path folder;

    private NotifySocket socket;

    @BeforeEach
    void listen() {
        socket = new NotifySocket(folder.resolve("notify").toString());
    }

    @AfterEach
    void stopListening() {
        socket.close();
    }

    @Test
    void answersWithinTheIntervalWhileAlive() {
        try (Watchdog watchdog = start(() -> true)) {
            long begin = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                assertThat(socket.next()).isEqualTo("WATCHDOG=1");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(150));
            assertThat(watchdog).isNotNull();
        }
    }

    @Test
    void fallsSilentWhenTheSchedulerIsDeadAndSaysSoOnce() {
        AtomicBoolean alive = new AtomicBoolean(true);
        AtomicInteger asked = new AtomicInteger();
        try (Watchdog watchdog = start(() -> {
            asked.incrementAndGet();
            return alive.get();
        })) {
            assertThat(watchdog).isNotNull();
            assertThat(socket.next()).isEqualTo("WATCHDOG=1");
            alive.set(false);
            await().until(() ->
                    socket.poll().filter(m -> m.startsWith("STATUS=")).isPresent());

            int before = asked.get();
            await().until(() -> asked.get() > before + 3);
            assertThat(socket.poll()).isEmpty();
        }
    }

    @Test
    void fallsSilentWhenTheCheckFails() {
        AtomicInteger asked = new AtomicInteger();
        try (Watchdog watchdog = start(() -> {
            asked.incrementAndGet();
            throw new IllegalStateException("scheduler is gone");
        })) {
            assertThat(watchdog).isNotNull();
            await().until(() -> asked.get() > 3);
            assertThat(socket.next()).isEqualTo("STATUS=the scheduler does not answer");
            assertThat(socket.poll()).isEmpty();
        }
    }

    @Test
    void fallsSilentWhileTheCheckHangs() {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Watchdog watchdog = start(() -> {
            hanging.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        })) {
            assertThat(watchdog).isNotNull();
            await().until(() -> hanging.getCount() == 0);
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> socket.poll().isEmpty());
            release.countDown();
            assertThat(socket.next()).isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void answersOnlyForItsOwnProcess() {
        assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "42"), 42))
                .contains(Duration.ofSeconds(30));
        assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "30000000"), 42)).contains(Duration.ofSeconds(30));
        assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "43"), 42))
                .isEmpty();
    }

    @Test
    void isOffWhereSystemdAsksForNothing() {
        assertThat(Watchdog.interval(Map.of(), 42)).isEmpty();
        assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "0"), 42)).isEmpty();
        assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "soon"), 42)).isEmpty();
        assertThat(Watchdog.start(
                        SystemdNotifier.fromEnvironment(Map.of()),
                        Map.of("WATCHDOG_USEC", HUNDRED_MILLISECONDS),
                        () -> true))
                .isEmpty();
    }

    private Watchdog start(BooleanSupplier alive) {
        Map<String, String> environment = new HashMap<>(socket.environment());
        environment.put("WATCHDOG_USEC", HUNDRED_MILLISECONDS);
        Optional<Watchdog> watchdog = Watchdog.start(SystemdNotifier.fromEnvironment(environment), environment, alive);
        return watchdog.orElseThrow();
    }
}
