package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a runbook whose time has come over to the runner, and remembers that this time was dealt with. */
final class HandOver {

    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    private final RunStarter runs;
    private final ScheduleMemory memory;
    private final Clock clock;
    private final List<Consumer<Duration>> latenessListeners = new CopyOnWriteArrayList<>();

    /** The newest time stored of each runbook: times handed over out of order never move the stored one back. */
    private final Map<String, Instant> stored = new ConcurrentHashMap<>();

    HandOver(RunStarter runs, ScheduleMemory memory, Clock clock) {
        this.runs = runs;
        this.memory = memory;
        this.clock = clock;
    }

    void onLateness(Consumer<Duration> listener) {
        latenessListeners.add(listener);
    }

    /**
     * Starts the run, or records it as skipped when it would start in a blackout window.
     *
     * <p>The fire time is stored only after that. If the process dies in between, the run is found interrupted, and its fire
     * time counts as missed at the next start: it is made up where the schedule says so, and never lost in silence.
     *
     * @return the run that was started
     */
    Optional<RunHandle> give(Runbook runbook, Blackout blackout, Instant nominal, RunTrigger trigger) {
        RunRequest request = new RunRequest(runbook, trigger, Map.of(), false);
        try {
            Optional<String> window = blackout.at(clock.instant());
            Optional<RunHandle> started = Optional.empty();
            if (window.isPresent()) {
                runs.skip(request, "blackout: no run starts from " + window.get());
            } else {
                started = Optional.of(runs.start(request));
            }
            dealtWith(runbook.name(), nominal);
            return started;
        } catch (OperatorException e) {
            LOG.error("'{}', due at {}, was not run: {}", runbook.name(), nominal, e.getMessage());
            return Optional.empty();
        } catch (RuntimeException e) {
            // Whoever makes up others after this one goes on.
            LOG.error("'{}', due at {}, was not run", runbook.name(), nominal, e);
            return Optional.empty();
        }
    }

    void late(Duration lateness) {
        latenessListeners.forEach(listener -> listener.accept(lateness));
    }

    /** The stored time is not to be trusted: the next one takes its place, also an earlier one. */
    void forget(String runbook) {
        stored.remove(runbook);
    }

    /** A restart is to find this fire time missed. */
    void notDealtWith(String runbook, Instant nominal) {
        forget(runbook);
        dealtWith(runbook, nominal.minusMillis(1));
    }

    void dealtWith(String runbook, Instant nominal) {
        stored.compute(runbook, (name, before) -> {
            if (before != null && !nominal.isAfter(before)) {
                return before;
            }
            try {
                memory.setLastFireTime(name, nominal);
            } catch (OperatorException e) {
                LOG.warn("that '{}' has fired for {} could not be stored: {}", name, nominal, e.getMessage());
                return before;
            }
            return nominal;
        });
    }
}
