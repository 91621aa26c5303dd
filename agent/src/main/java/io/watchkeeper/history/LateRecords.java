package io.watchkeeper.history;

import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts on record what has happened already and cannot be refused any more: as soon as that is possible, in the order in which it
 * happened. What waits when the process dies is lost, and was logged.
 */
final class LateRecords implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LateRecords.class);
    private static final long RETRY_MILLIS = 2_000;

    /** With a store that fails for good, the newest are kept. */
    private static final int MOST_WAITING = 1_000;

    private final Audit audit;
    private final Deque<AuditEvent> waiting = new ArrayDeque<>();
    private final ReentrantLock flushing = new ReentrantLock();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "audit");
        made.setDaemon(true);
        return made;
    });

    /** Whether the thread will try again. */
    private boolean due;

    /** So many of those that wait, from the first on, are being written. */
    private int writing;

    LateRecords(Audit audit) {
        this.audit = audit;
    }

    void add(AuditEvent event) {
        addAll(List.of(event));
    }

    /** While nothing waits, threads record beside each other, so that their entries go to disk together. */
    void addAll(List<AuditEvent> events) {
        if (events.isEmpty() || (nothingWaits() && recorded(events))) {
            return;
        }
        events.forEach(event -> LOG.error(
                "{} of {} by {} ({}) is not on the audit trail yet",
                event.action(),
                event.subject(),
                event.actor(),
                event.result()));
        synchronized (this) {
            events.forEach(event -> waiting.add(late(event)));
            while (waiting.size() > MOST_WAITING) {
                waiting.removeFirst();
                writing = Math.max(0, writing - 1);
            }
        }
        later();
    }

    private synchronized boolean nothingWaits() {
        return waiting.isEmpty();
    }

    private boolean recorded(List<AuditEvent> events) {
        try {
            audit.recordAll(events);
            return true;
        } catch (OperatorException e) {
            LOG.warn("the audit trail cannot be written: {}", e.getMessage());
            return false;
        }
    }

    private synchronized void later() {
        if (due) {
            return;
        }
        due = true;
        try {
            var unused = thread.schedule(this::retry, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed meanwhile", e);
        }
    }

    private void retry() {
        synchronized (this) {
            due = false;
        }
        if (!flush()) {
            later();
        }
    }

    /**
     * Outside of the monitor, so that nobody who adds waits for a store that hangs; what is added meanwhile comes after what is
     * being written. Of two that write at once, one would record what the other has recorded: therefore one after the other.
     *
     * @return whether all is on record
     */
    private boolean flush() {
        flushing.lock();
        try {
            List<AuditEvent> batch = begin();
            while (!batch.isEmpty()) {
                boolean recorded = recorded(batch);
                end(recorded);
                if (!recorded) {
                    return false;
                }
                batch = begin();
            }
            return true;
        } finally {
            flushing.unlock();
        }
    }

    private synchronized List<AuditEvent> begin() {
        writing = waiting.size();
        return List.copyOf(waiting);
    }

    private synchronized void end(boolean recorded) {
        for (; recorded && writing > 0; writing--) {
            waiting.removeFirst();
        }
        writing = 0;
    }

    /** It says on the record that it was not recorded when it happened. */
    private static AuditEvent late(AuditEvent event) {
        Map<String, Object> details = new HashMap<>(event.details());
        details.put("recordedLate", true);
        return new AuditEvent(event.actor(), event.from(), event.action(), event.subject(), event.result(), details);
    }

    /** What the thread is just writing is written first. */
    @Override
    public void close() {
        thread.shutdownNow();
        if (!flush()) {
            LOG.error("{} events were never put on the audit trail", left());
        }
    }

    private synchronized int left() {
        return waiting.size();
    }
}
