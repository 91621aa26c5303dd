package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work whose tables are held against limits while it goes on: a copy that hangs is noticed while it hangs. Each table crosses
 * each limit once. It listens to the progress that all streams of all tables report, and never makes them wait: it looks, and
 * tells, in a thread of its own, and a last time when it is closed.
 */
public final class CopyWatch implements Work, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CopyWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    /** How fast so few rows went says more about round trips than about the copy. */
    private static final long FEWEST_ROWS = 1_000;

    /** How long the end of the work waits for an alert that is being sent. */
    private static final long PATIENCE_SECONDS = 10;

    private final Work work;
    private final List<CopyLimit> limits;
    private final Consumer<CrossedLimit> listener;
    private final Map<String, WatchedTable> tables = new LinkedHashMap<>();
    private final Set<CrossedLimit> told = new HashSet<>();
    private final ScheduledExecutorService thread;
    private final ScheduledFuture<?> looking;

    /** @param listener hears of limits that were crossed, in whatever thread */
    public CopyWatch(Work work, List<CopyLimit> limits, Consumer<CrossedLimit> listener) {
        this(work, limits, listener, EVERY);
    }

    CopyWatch(Work work, List<CopyLimit> limits, Consumer<CrossedLimit> listener, Duration every) {
        this.work = work;
        this.limits = List.copyOf(limits);
        this.listener = listener;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "copy-watch");
            daemon.setDaemon(true);
            return daemon;
        });
        this.looking =
                thread.scheduleWithFixedDelay(this::lookNow, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void progress(Progress now) {
        if (!limits.isEmpty()) {
            note(now, System.nanoTime());
        }
        work.progress(now);
    }

    synchronized void note(Progress now, long nanoTime) {
        tables.computeIfAbsent(now.subject(), subject -> new WatchedTable()).note(now, nanoTime);
    }

    private void lookNow() {
        try {
            look(System.nanoTime());
        } catch (RuntimeException e) {
            // Thrown on, it would end the watch, or fail a copy that has succeeded.
            LOG.warn("a limit of {} was crossed and could not be told of", work.applicationName(), e);
        }
    }

    /** Tells what has been crossed by now. */
    void look(long nanoTime) {
        List<CrossedLimit> crossed = new ArrayList<>();
        synchronized (this) {
            tables.forEach((name, table) -> limits.forEach(limit -> {
                long value = table.value(limit, nanoTime);
                boolean beyond = limit.kind() == CopyLimit.Kind.SLOWER_THAN
                        ? table.hasEnded() && table.rows() >= FEWEST_ROWS && value < limit.value()
                        : value > limit.value();
                if (beyond && told.add(new CrossedLimit(limit, name, 0))) {
                    crossed.add(new CrossedLimit(limit, name, value));
                }
            }));
        }
        crossed.forEach(listener);
    }

    /** Looks a last time. The tables are done, one way or the other. */
    @Override
    public void close() {
        looking.cancel(false);
        thread.shutdown();
        try {
            thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lookNow();
    }

    @Override
    public String applicationName() {
        return work.applicationName();
    }

    @Override
    public Optional<Instant> deadline() {
        return work.deadline();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return work.timeLeft();
    }

    @Override
    public OptionalLong sharedRate() {
        return work.sharedRate();
    }

    @Override
    public void throwIfCancelled() {
        work.throwIfCancelled();
    }

    @Override
    public Registration onCancel(Runnable action) {
        return work.onCancel(action);
    }

    @Override
    public boolean readOnly() {
        return work.readOnly();
    }
}
