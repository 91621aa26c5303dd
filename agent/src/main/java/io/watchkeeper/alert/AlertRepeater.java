package io.watchkeeper.alert;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls {@link AlertDispatcher#repeat} from time to time, from its making until it is closed. */
public final class AlertRepeater implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AlertRepeater.class);

    private final ScheduledExecutorService thread;
    private final ScheduledFuture<?> repetition;

    /** @param every five minutes is a good time; the first call comes at once, for what an earlier process left undone */
    public AlertRepeater(AlertDispatcher alerts, Duration every) {
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread t = new Thread(task, "alert-repeater");
            t.setDaemon(true);
            return t;
        });
        repetition = thread.scheduleWithFixedDelay(() -> repeat(alerts), 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void repeat(AlertDispatcher alerts) {
        try {
            alerts.repeat();
        } catch (RuntimeException e) {
            // Thrown on, it would end the schedule, and nobody would hear of open alerts again.
            LOG.error("repeating alerts failed", e);
        }
    }

    @Override
    public void close() {
        repetition.cancel(true);
        thread.shutdownNow();
    }
}
