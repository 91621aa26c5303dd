package io.watchkeeper.systemd;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers systemd's watchdog at half of the interval it allows, and only while the agent says it is alive. When the
 * answers stop, systemd kills and restarts the agent; that is the point, so nothing here retries or reassures. A check
 * that hangs counts as dead too: it runs on the thread that would answer.
 */
public final class Watchdog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private final SystemdNotifier systemd;
    private final BooleanSupplier alive;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean silent;

    private Watchdog(SystemdNotifier systemd, BooleanSupplier alive) {
        this.systemd = systemd;
        this.alive = alive;
    }

    /** Starts answering; empty when systemd asks for no answers from this process. */
    public static Optional<Watchdog> start(
            SystemdNotifier systemd, Map<String, String> environment, BooleanSupplier alive) {
        Optional<Duration> interval =
                interval(environment, ProcessHandle.current().pid());
        if (interval.isEmpty() || !systemd.isActive()) {
            return Optional.empty();
        }
        Watchdog watchdog = new Watchdog(systemd, alive);
        long half = interval.get().toNanos() / 2;
        Thread thread = new Thread(() -> watchdog.answerEvery(half), "systemd-watchdog");
        thread.setDaemon(true);
        thread.start();
        return Optional.of(watchdog);
    }

    /** How long systemd waits for an answer; empty when it waits for none, or for another process's. */
    static Optional<Duration> interval(Map<String, String> environment, long pid) {
        String microseconds = environment.getOrDefault("WATCHDOG_USEC", "");
        String addressee = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        if (!microseconds.matches("[1-9][0-9]{0,17}") || !addressee.equals(Long.toString(pid))) {
            return Optional.empty();
        }
        return Optional.of(Duration.of(Long.parseLong(microseconds), ChronoUnit.MICROS));
    }

    private void answerEvery(long nanoseconds) {
        try {
            do {
                answer();
            } while (!closed.await(nanoseconds, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer() {
        if (isAlive()) {
            if (silent) {
                LOG.info("the scheduler answers again");
            }
            silent = false;
            systemd.heartbeat();
        } else if (!silent) {
            silent = true;
            LOG.error("the scheduler does not answer; systemd's watchdog is left to restart the agent");
            systemd.status("the scheduler does not answer");
        }
    }

    private boolean isAlive() {
        try {
            return alive.getAsBoolean();
        } catch (RuntimeException e) {
            LOG.error("the scheduler could not be asked whether it is alive", e);
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
