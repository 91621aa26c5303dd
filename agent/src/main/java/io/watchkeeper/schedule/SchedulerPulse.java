package io.watchkeeper.schedule;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a task through Quartz every second, which proves that its threads work, and watches the clock. Has a thread of its own
 * that counts elapsed time: Quartz waits for times of the clock, and one that was set back would make it wait long.
 */
final class SchedulerPulse {

    private static final Logger LOG = LoggerFactory.getLogger(SchedulerPulse.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Less than this is the ordinary slewing of a clock, and the pauses of a busy process between two readings. */
    private static final Duration LEAST_JUMP = Duration.ofSeconds(2);

    private final QuartzTimer timer;
    private final Clock clock;
    private final ClockWatch watch;
    private final Consumer<Duration> onJump;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile long lastBeat = System.nanoTime();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "schedule-pulse");
        made.setDaemon(true);
        return made;
    });

    SchedulerPulse(QuartzTimer timer, Clock clock, Consumer<Duration> onJump) {
        this.timer = timer;
        this.clock = clock;
        this.onJump = onJump;
        this.watch = new ClockWatch(clock, System::nanoTime);
    }

    void start() {
        var unused = thread.scheduleAtFixedRate(this::beat, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop() {
        thread.shutdownNow();
        try {
            // So that no beat meets a timer that has stopped.
            if (!thread.awaitTermination(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("the scheduler's pulse does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean beatWithin(Duration time) {
        return System.nanoTime() - lastBeat <= time.toNanos();
    }

    private void beat() {
        try {
            Duration jump = watch.jump();
            if (jump.abs().compareTo(LEAST_JUMP) >= 0) {
                onJump.accept(jump);
            }
            if (underWay.compareAndSet(false, true)) {
                timer.at(clock.instant(), this::arrived);
            }
        } catch (RuntimeException e) {
            // Not thrown on, because that would end the pulse. If it goes on, isAlive tells.
            LOG.error("the scheduler's pulse failed", e);
        }
    }

    private void arrived() {
        lastBeat = System.nanoTime();
        underWay.set(false);
    }
}
