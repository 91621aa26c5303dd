package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires runbooks at their times. A fire time is dealt with once: run, skipped because of a blackout window, made up later, or
 * given up as the schedule says; also over restarts, sleep, and clocks that are set.
 */
public final class RunbookScheduler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunbookScheduler.class);

    /** A clock that was set back by less is worth no word: nobody waits for long. */
    private static final Duration TOLERABLE = Duration.ofMinutes(1);

    private final RunbookRegistry registry;
    private final ScheduleMemory memory;
    private final Clock clock;
    private final HandOver handOver;
    private final QuartzTimer timer;
    private final Timetable timetable;
    private final SchedulerPulse pulse;
    private final RunStarter runs;
    private final @Nullable Cluster cluster;
    private volatile boolean alive;

    public RunbookScheduler(RunbookRegistry registry, RunbookRunner runner, ScheduleMemory memory, Clock clock) {
        this(registry, runner, memory, null, clock);
    }

    /** @param cluster takes the runbooks whose scope it is; null where there is none, and then nobody fires them */
    public RunbookScheduler(
            RunbookRegistry registry,
            RunbookRunner runner,
            ScheduleMemory memory,
            @Nullable Cluster cluster,
            Clock clock) {
        this(registry, RunStarter.of(runner), memory, cluster, clock);
    }

    RunbookScheduler(RunbookRegistry registry, RunStarter runs, ScheduleMemory memory, Clock clock) {
        this(registry, runs, memory, null, clock);
    }

    RunbookScheduler(
            RunbookRegistry registry, RunStarter runs, ScheduleMemory memory, @Nullable Cluster cluster, Clock clock) {
        this.registry = registry;
        this.runs = runs;
        this.cluster = cluster;
        this.memory = memory;
        this.clock = clock;
        this.handOver = new HandOver(runs, memory, clock);
        this.timer = new QuartzTimer(clock);
        this.timetable = new Timetable(registry, handOver, timer, clock);
        this.pulse = new SchedulerPulse(timer, clock, timetable::clockJumped);
    }

    /**
     * Schedules what the registry holds, follows its swaps, and makes up for missed fire times. A runbook that is scheduled for
     * the first time, or comes back while the agent runs, has missed none.
     *
     * @throws OperatorException when the memory cannot be read
     */
    public void start() {
        timer.start();
        synchronized (this) {
            timetable.pause(memory.paused());
            adoptAll();
        }
        registry.onSwap((before, after) -> follow());
        // What was swapped in before the listener was there.
        follow();
        if (cluster != null) {
            cluster.begin(registry, runs, handOver::late);
        }
        pulse.start();
        alive = true;
    }

    /** Hears how much later than its due time (jitter included) each scheduled run is handed over to the runner. */
    public void onLateness(Consumer<Duration> listener) {
        handOver.onLateness(listener);
    }

    /**
     * The next fire time outside blackout windows, without jitter; empty when the runbook has no schedule, is paused, or never
     * fires again.
     */
    public Optional<Instant> nextFireTime(String runbook) {
        return isPaused(runbook)
                ? Optional.empty()
                : nextFireTimes(runbook, 1).stream().findFirst();
    }

    /** The next fire times from now on, paused or not, outside blackout windows, without jitter, for display. */
    public List<Instant> nextFireTimes(String runbook, int count) {
        return registry.find(runbook)
                .map(Runbook::schedule)
                .map(schedule -> Upcoming.after(now(runbook), schedule, count))
                .orElse(List.of());
    }

    /** Now, or the last fire time where the clock was set back behind it. */
    private Instant now(String runbook) {
        Instant now = clock.instant();
        return timetable.last(runbook).filter(last -> last.isAfter(now)).orElse(now);
    }

    /** That this host's clock was set back, and which runbooks fire only when it has got where it was; empty when none waits. */
    public Optional<String> clockWarning() {
        SortedMap<String, Instant> waiting =
                timetable.dealtWithBeyond(clock.instant().plus(TOLERABLE));
        return waiting.isEmpty()
                ? Optional.empty()
                : Optional.of("this host's clock was set back: "
                        + (waiting.size() == 1
                                ? "'" + waiting.firstKey() + "' fires"
                                : waiting.size() + " runbooks, '" + waiting.firstKey() + "' among them, fire")
                        + " again after " + Collections.max(waiting.values()).truncatedTo(ChronoUnit.SECONDS)
                        + ", up to which fire times are dealt with");
    }

    public boolean isPaused(String runbook) {
        if (cluster != null && isClusterWide(runbook)) {
            return cluster.isPaused(runbook);
        }
        return timetable.isPaused(runbook);
    }

    private boolean isClusterWide(String runbook) {
        return registry.find(runbook).filter(Runbook::isClusterWide).isPresent();
    }

    /**
     * Survives a restart. What a paused runbook would have run is not made up when it goes on. A runbook of the cluster is
     * paused on all of its agents.
     *
     * @throws OperatorException when there is no such runbook, or it cannot be remembered
     */
    public void setPaused(String runbook, boolean pause) {
        if (registry.find(runbook).isEmpty()) {
            Set<String> known = registry.contents().runbooks().keySet();
            throw new OperatorException(
                    "there is no runbook '" + runbook + "'",
                    Suggestion.didYouMean(runbook, known) + "'watchkeeper list' shows them.");
        }
        if (cluster != null && isClusterWide(runbook)) {
            cluster.setPaused(runbook, pause);
            LOG.info("'{}' {} in the whole cluster", runbook, pause ? "is paused" : "goes on");
            return;
        }
        synchronized (this) {
            if (timetable.isPaused(runbook) == pause) {
                return;
            }
            if (pause) {
                memory.setPaused(runbook, true);
                timetable.pause(Set.of(runbook));
            } else {
                resume(runbook);
            }
        }
        LOG.info("'{}' {}", runbook, pause ? "is paused" : "goes on");
    }

    private void resume(String runbook) {
        Instant now = now(runbook);
        if (timetable.last(runbook).isPresent()) {
            // Before the pause is taken back: a process that dies here leaves the runbook paused, and nothing is made
            // up.
            memory.setLastFireTime(runbook, now);
        }
        memory.setPaused(runbook, false);
        timetable.resume(runbook, now);
    }

    /** The cluster that this agent belongs to. */
    public Optional<Cluster> cluster() {
        return Optional.ofNullable(cluster);
    }

    /** Whether the scheduler's own threads did something within the given time, of which at least 2 seconds make sense. */
    public boolean isAlive(Duration within) {
        return alive && pulse.beatWithin(within);
    }

    /** Fires nothing more. Runs that have begun are the runner's business. */
    @Override
    public void close() {
        alive = false;
        if (cluster != null) {
            cluster.end();
        }
        timetable.close();
        pulse.stop();
        timer.stop();
    }

    private void adoptAll() {
        Instant now = clock.instant();
        Map<String, Instant> first = new HashMap<>();
        for (Runbook runbook : registry.contents().runbooks().values()) {
            Schedule schedule = scheduleHere(runbook);
            if (schedule != null) {
                Optional<Instant> last = memory.lastFireTime(runbook.name());
                if (last.isEmpty()) {
                    first.put(runbook.name(), now);
                }
                timetable.put(runbook.name(), schedule, last.orElse(now));
            }
        }
        try {
            memory.setLastFireTimes(first);
        } catch (OperatorException e) {
            // Known again at the first firing; until then a restart would take them for new once more.
            LOG.warn("first fire times could not be stored: {}", e.getMessage());
        }
    }

    /** Brings the timetable in line with the registry; what has not changed there is left alone. */
    private synchronized void follow() {
        Map<String, Runbook> runbooks = registry.contents().runbooks();
        Map<String, Schedule> scheduled = timetable.schedules();
        for (String name : scheduled.keySet()) {
            Runbook runbook = runbooks.get(name);
            if (runbook == null || scheduleHere(runbook) == null) {
                timetable.remove(name);
            }
        }
        for (Runbook runbook : runbooks.values()) {
            Schedule schedule = scheduleHere(runbook);
            if (schedule != null && !schedule.equals(scheduled.get(runbook.name()))) {
                Instant now = now(runbook.name());
                // Also where the schedule has changed: after a restart, what it would have done before that was not
                // missed.
                handOver.dealtWith(runbook.name(), now);
                timetable.put(runbook.name(), schedule, now);
            }
        }
    }

    /** What this host keeps by itself; null for runbooks of the cluster and those without a schedule. */
    private static @Nullable Schedule scheduleHere(Runbook runbook) {
        return runbook.isClusterWide() ? null : runbook.schedule();
    }
}
