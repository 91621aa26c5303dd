package io.watchkeeper.alert;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    public void remove(String key) {
        alerts.remove(key);
    }
}
