package io.watchkeeper.alert;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A ledger that lives as long as the test. */
public final class MemoryLedger implements AlertLedger {

    private final Map<String, OpenAlert> alerts = new ConcurrentHashMap<>();

    @Override
    public Optional<OpenAlert> find(String key) {
        return Optional.ofNullable(alerts.get(key));
    }

    @Override
    public List<OpenAlert> all() {
        return alerts.values().stream()
                .sorted(Comparator.comparing(OpenAlert::openedAt))
                .toList();
    }

    @Override
    public void save(OpenAlert alert) {
        alerts.put(alert.key(), alert);
    }

    @Override
    public void saveUnreached(OpenAlert told, Set<String> unreached) {
        alerts.computeIfPresent(
                told.key(),
                (key, now) -> isAsTold(now, told)
                        ? new OpenAlert(
                                now.alert(), now.openedAt(), now.raisedAt(), now.sentAt(), unreached, now.resolvedAt())
                        : now);
    }

    @Override
    public void remove(OpenAlert told) {
        alerts.computeIfPresent(told.key(), (key, now) -> isAsTold(now, told) ? null : now);
    }

    private static boolean isAsTold(OpenAlert now, OpenAlert told) {
        return now.sentAt().equals(told.sentAt()) && Objects.equals(now.resolvedAt(), told.resolvedAt());
    }
}
