package io.watchkeeper.http;

import io.watchkeeper.http.page.SafetyFigures;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.runbook.TableState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the page's figures every few minutes, so that it can show how they were in the last day, also after a restart. */
public final class SafetyTrend implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SafetyTrend.class);

    private static final Duration EVERY = Duration.ofMinutes(5);

    private final Supplier<List<TableState>> tables;
    private final Supplier<Protection> protection;
    private final ReplicationBoard replication;
    private final ReplicationLimits limits;
    private final Measurements measures;
    private final Clock clock;
    private final ScheduledExecutorService thread;

    /**
     * @param protection throws OperatorException where the repository of backups cannot be read
     * @param measures where they are kept
     */
    public SafetyTrend(
            Supplier<List<TableState>> tables,
            Supplier<Protection> protection,
            ReplicationBoard replication,
            ReplicationLimits limits,
            Measurements measures,
            Clock clock) {
        this.tables = tables;
        this.protection = protection;
        this.replication = replication;
        this.limits = limits;
        this.measures = measures;
        this.clock = clock;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "safety-trend");
            made.setDaemon(true);
            return made;
        });
    }

    /** From now on, until it is closed. */
    public void start() {
        // Not at once: an agent that has just started has not looked at its servers yet.
        var unused = thread.scheduleWithFixedDelay(this::look, 30, EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    /** One look. What cannot be read leaves a gap in the picture and nothing else. */
    void look() {
        try {
            Instant now = clock.instant();
            SafetyFigures figures = SafetyFigures.of(tables.get(), replication, limits, protection.get());
            measures.note(now, figures.measurements(replication, now.minus(EVERY), now));
        } catch (OperatorException e) {
            LOG.debug("the figures of the page were not kept: {}", e.getMessage());
        } catch (RuntimeException e) {
            // An exception would end the schedule without a word.
            LOG.warn("the figures of the page were not kept", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
