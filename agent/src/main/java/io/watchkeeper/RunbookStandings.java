package io.watchkeeper;

import io.watchkeeper.engine.RunListener;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.metrics.RunbookStanding;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.schedule.Upcoming;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How the loaded runbooks stand: what fails, what is overdue, what runs. Begins with what the store remembers, so that a restart forgives
 * nothing; from then on it hears of every run.
 */
final class RunbookStandings implements RunListener {

    private static final Set<RunState> BAD = Set.of(RunState.FAILED, RunState.TIMED_OUT);

    private final RunbookRegistry registry;
    private final RunHistory history;
    private final Clock clock;
    private final Map<String, Boolean> failing = new ConcurrentHashMap<>();
    private final Map<String, Instant> satisfied = new ConcurrentHashMap<>();
    private final Map<String, RunOutcome> running = new ConcurrentHashMap<>();
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    /**
     * A schedule as it was when somebody looked last.
     *
     * @param from fire times before this are not waited for: nobody had asked for them, or the runbook was paused
     * @param first whether it was so from the first look on; then what the store remembers of earlier runs counts
     */
    private record Seen(Schedule schedule, Instant from, boolean first) {}

    RunbookStandings(RunbookRegistry registry, RunHistory history, Clock clock) {
        this.registry = registry;
        this.history = history;
        this.clock = clock;
        history.lastSuccesses().forEach((runbook, run) -> satisfied.put(runbook, run.startedAt()));
    }

    @Override
    public void runStarted(RunOutcome run) {
        if (!run.dryRun()) {
            running.put(run.runId(), run);
        }
    }

    @Override
    public void runFinished(RunOutcome run) {
        running.remove(run.runId());
        if (run.dryRun()) {
            return;
        }
        if (run.state() != RunState.SKIPPED) {
            failing.put(run.runbook(), BAD.contains(run.state()));
        }
        if (run.state() == RunState.SUCCEEDED || run.state() == RunState.SKIPPED) {
            satisfied.merge(run.runbook(), run.startedAt(), (old, now) -> now.isAfter(old) ? now : old);
        }
    }

    /** Of every loaded runbook, by name. @param paused asked for each of them */
    List<RunbookStanding> now(Predicate<String> paused) {
        Map<String, Runbook> runbooks = registry.contents().runbooks();
        // A runbook that comes back is new.
        failing.keySet().retainAll(runbooks.keySet());
        seen.keySet().retainAll(runbooks.keySet());
        return runbooks.values().stream()
                .sorted(Comparator.comparing(Runbook::name))
                .map(runbook -> standing(runbook, paused.test(runbook.name())))
                .toList();
    }

    private RunbookStanding standing(Runbook runbook, boolean paused) {
        String name = runbook.name();
        // One of the cluster may well be run by another agent: this one cannot tell.
        Schedule schedule = runbook.isClusterWide() ? null : runbook.schedule();
        Instant next = null;
        Instant due = null;
        if (schedule != null) {
            Instant baseline = baseline(name, schedule, paused);
            if (!paused) {
                next = first(clock.instant(), schedule);
                due = first(baseline, schedule);
                // The jitter is asked for: a run is late only once it can no longer be the jitter that it waits for.
                due = due == null ? null : due.plus(schedule.jitter());
            }
        }
        return new RunbookStanding(name, isFailing(name), paused, next, due, runningSince(name));
    }

    /** After when the next fire time is waited for. */
    private Instant baseline(String name, Schedule schedule, boolean paused) {
        Instant now = clock.instant();
        Seen before = seen.get(name);
        if (before == null) {
            seen.put(name, new Seen(schedule, now, !paused));
        } else if (paused || !before.schedule().equals(schedule)) {
            seen.put(name, new Seen(schedule, now, false));
        }
        Seen known = seen.getOrDefault(name, new Seen(schedule, now, false));
        Instant run = satisfied.get(name);
        if (run == null) {
            return known.from();
        }
        return known.first() || run.isAfter(known.from()) ? run : known.from();
    }

    private static @Nullable Instant first(Instant after, Schedule schedule) {
        return Upcoming.after(after, schedule, 1).stream().findFirst().orElse(null);
    }

    private boolean isFailing(String name) {
        Boolean known = failing.get(name);
        if (known != null) {
            return known;
        }
        try {
            boolean remembered = history.lastEnd(name).filter(BAD::contains).isPresent();
            // A run that has ended meanwhile knows better.
            Boolean newer = failing.putIfAbsent(name, remembered);
            return newer == null ? remembered : newer;
        } catch (OperatorException e) {
            return false;
        }
    }

    private @Nullable Instant runningSince(String name) {
        return running.values().stream()
                .filter(run -> run.runbook().equals(name))
                .map(RunOutcome::startedAt)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }
}
