package io.watchkeeper.schedule;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** A memory that lasts as long as the test. */
final class RememberedTimes implements ScheduleMemory {

    final Map<String, Instant> fired = new ConcurrentHashMap<>();
    private final Set<String> paused = ConcurrentHashMap.newKeySet();

    @Override
    public Set<String> paused() {
        return new TreeSet<>(paused);
    }

    @Override
    public void setPaused(String runbook, boolean pause) {
        if (pause) {
            paused.add(runbook);
        } else {
            paused.remove(runbook);
        }
    }

    @Override
    public Optional<Instant> lastFireTime(String runbook) {
        return Optional.ofNullable(fired.get(runbook));
    }

    @Override
    public void setLastFireTime(String runbook, Instant fireTime) {
        fired.put(runbook, fireTime);
    }
}
