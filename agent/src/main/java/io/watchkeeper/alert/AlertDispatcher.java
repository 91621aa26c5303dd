package io.watchkeeper.alert;

import io.watchkeeper.units.Secret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends alerts to every receiver, and keeps in the ledger who still has to hear what.
 *
 * <p>The ledger is written before anything is sent: if the process dies in between, the receivers stand there as unreached and
 * {@link #repeat} tells them, at worst twice. A ledger that cannot be written, on a full disk say, does not keep an alert
 * back: it is sent, and sent again each time it is raised.
 */
public final class AlertDispatcher implements Alerts {

    private static final Logger LOG = LoggerFactory.getLogger(AlertDispatcher.class);
    private static final int LONGEST_TEXT = 4_000;
    private static final Duration KEEP_TRYING_TO_RESOLVE = Duration.ofDays(1);

    private final Map<String, AlertReceiver> receivers = new LinkedHashMap<>();
    private final AlertLedger ledger;
    private final Duration repeatEvery;
    private final Clock clock;

    /** One alert is dealt with by one thread at a time; alerts that share a lock by chance only wait for each other. */
    private final List<Object> locks =
            IntStream.range(0, 64).mapToObj(i -> new Object()).toList();

    /** @param repeatEvery an alert still firing is sent again after this long, never sooner */
    public AlertDispatcher(List<AlertReceiver> receivers, AlertLedger ledger, Duration repeatEvery, Clock clock) {
        receivers.forEach(receiver -> this.receivers.putIfAbsent(receiver.name(), receiver));
        this.ledger = ledger;
        this.repeatEvery = repeatEvery;
        this.clock = clock;
    }

    @Override
    public boolean fire(Alert alert) {
        return deliver(alert).sent();
    }

    /** As {@link #fire}, and says who was told. Never throws for a receiver or a ledger that fails. */
    public Delivery deliver(Alert raised) {
        Alert alert = withoutSecrets(raised);
        synchronized (lock(alert.key())) {
            Instant now = clock.instant();
            Optional<OpenAlert> open = find(alert.key()).filter(OpenAlert::firing);
            Instant openedAt = open.map(OpenAlert::openedAt).orElse(now);
            if (open.isEmpty() || isDue(open.get(), now)) {
                return send(new OpenAlert(alert, openedAt, now, now, receivers.keySet(), null));
            }
            OpenAlert again = new OpenAlert(
                    alert, openedAt, now, open.get().sentAt(), open.get().unreached(), null);
            if (waiting(again).isEmpty()) {
                save(again);
                return Delivery.NOT_DUE;
            }
            return send(again);
        }
    }

    @Override
    public int resolve(String runbook) {
        return resolve(runbook, Instant.MAX);
    }

    /**
     * Tells the receivers that what this runbook last raised before the given time is over. A run that succeeds does not take
     * back what it raised itself.
     *
     * @return how many alerts were resolved
     */
    public int resolve(String runbook, Instant raisedBefore) {
        return resolve(alert -> runbook.equals(alert.runbook()), raisedBefore);
    }

    /** Tells the receivers that these are over. @return how many alerts were resolved */
    public int resolve(Predicate<Alert> over) {
        return resolve(over, Instant.MAX);
    }

    /** As {@link #resolve(Predicate)}, of those that were last raised before the given time. */
    public int resolve(Predicate<Alert> over, Instant raisedBefore) {
        int resolved = 0;
        for (OpenAlert candidate : all()) {
            if (!over.test(candidate.alert())) {
                continue;
            }
            synchronized (lock(candidate.key())) {
                Optional<OpenAlert> open = find(candidate.key())
                        .filter(OpenAlert::firing)
                        .filter(alert -> alert.raisedAt().isBefore(raisedBefore));
                if (open.isPresent()) {
                    OpenAlert alert = open.get();
                    Instant now = clock.instant();
                    send(new OpenAlert(
                            alert.alert(), alert.openedAt(), alert.raisedAt(), now, receivers.keySet(), now));
                    resolved++;
                }
            }
        }
        return resolved;
    }

    /**
     * Tells receivers what is due: firing alerts whose repeat time has passed, and whatever could not be told before. Call it
     * every few minutes; see {@link AlertRepeater}.
     */
    public void repeat() {
        for (OpenAlert candidate : all()) {
            synchronized (lock(candidate.key())) {
                find(candidate.key()).ifPresent(this::repeat);
            }
        }
    }

    private void repeat(OpenAlert open) {
        Instant now = clock.instant();
        if (open.firing() && isDue(open, now)) {
            send(new OpenAlert(open.alert(), open.openedAt(), open.raisedAt(), now, receivers.keySet(), null));
        } else if (open.resolvedAt() != null
                && open.resolvedAt().plus(KEEP_TRYING_TO_RESOLVE).isBefore(now)) {
            LOG.warn("alert {} is over, but {} could not be told for a day; giving up", open.key(), open.unreached());
            remove(open);
        } else if (!waiting(open).isEmpty() || !open.firing()) {
            send(open);
        }
    }

    private boolean isDue(OpenAlert open, Instant now) {
        return !now.isBefore(open.sentAt().plus(repeatEvery));
    }

    /** Tells the receivers that wait for it, and enters into the ledger who still does. The caller holds the alert's lock. */
    private Delivery send(OpenAlert open) {
        save(open);
        AlertNotice notice = new AlertNotice(
                open.alert(),
                open.openedAt(),
                open.resolvedAt(),
                clock.instant().plus(repeatEvery.multipliedBy(2)));
        List<String> reached = new ArrayList<>();
        Map<String, String> failed = new LinkedHashMap<>();
        for (AlertReceiver receiver : waiting(open)) {
            @Nullable String failure = tell(receiver, notice);
            if (failure == null) {
                reached.add(receiver.name());
            } else {
                failed.put(receiver.name(), failure);
            }
        }
        if (open.firing() || !failed.isEmpty()) {
            saveUnreached(open, failed.keySet());
        } else {
            remove(open);
        }
        return new Delivery(true, reached, failed);
    }

    /** Receivers that are still configured and have not heard what was last said. */
    private List<AlertReceiver> waiting(OpenAlert open) {
        return receivers.values().stream()
                .filter(receiver -> open.unreached().contains(receiver.name()))
                .toList();
    }

    /** @return why it failed; null when it did not */
    private static @Nullable String tell(AlertReceiver receiver, AlertNotice notice) {
        try {
            receiver.tell(notice);
            return null;
        } catch (AlertReceiver.DeliveryException | RuntimeException e) {
            String reason = Secret.redact(String.valueOf(e.getMessage()));
            LOG.warn(
                    "alert {} did not reach {}: {}; it is tried again",
                    notice.alert().key(),
                    receiver.name(),
                    reason);
            return reason;
        }
    }

    private static Alert withoutSecrets(Alert alert) {
        String text = Secret.redact(alert.text());
        Map<String, String> labels = alert.labels().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, label -> Secret.redact(label.getValue()), (a, b) -> a, TreeMap::new));
        return new Alert(
                alert.severity(), text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + " …" : text, labels);
    }

    private Object lock(String key) {
        return locks.get(Math.floorMod(key.hashCode(), locks.size()));
    }

    private Optional<OpenAlert> find(String key) {
        try {
            return ledger.find(key);
        } catch (RuntimeException e) {
            LOG.warn("the ledger of alerts cannot be read; the alert is sent as a new one", e);
            return Optional.empty();
        }
    }

    private List<OpenAlert> all() {
        try {
            return ledger.all();
        } catch (RuntimeException e) {
            LOG.warn("the ledger of alerts cannot be read; nothing is repeated or resolved", e);
            return List.of();
        }
    }

    private void save(OpenAlert open) {
        try {
            ledger.save(open);
        } catch (RuntimeException e) {
            LOG.warn("the ledger of alerts cannot be written; alert {} may be sent again", open.key(), e);
        }
    }

    private void saveUnreached(OpenAlert told, Set<String> unreached) {
        try {
            ledger.saveUnreached(told, unreached);
        } catch (RuntimeException e) {
            LOG.warn("the ledger of alerts cannot be written; alert {} may be sent again", told.key(), e);
        }
    }

    private void remove(OpenAlert over) {
        try {
            ledger.remove(over);
        } catch (RuntimeException e) {
            LOG.warn("the ledger of alerts cannot be written; alert {} may be reported as over again", over.key(), e);
        }
    }
}
