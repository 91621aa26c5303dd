package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.units.DurationText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What fires when: each runbook has its next fire time armed in Quartz, and the following one is armed when that has come. */
final class Timetable {

    private static final Logger LOG = LoggerFactory.getLogger(Timetable.class);

    /** A fire time that is later than this is not late but missed. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    /** When a fire time is made up after all that found another run of its runbook going on. */
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

    private final RunbookRegistry registry;
    private final HandOver handOver;
    private final QuartzTimer timer;
    private final Clock clock;
    private final Duration lookAgain;

    /** Guarded by this, as is what they hold and the rest. */
    private final Map<String, ScheduledRunbook> runbooks = new HashMap<>();

    private final Set<String> paused = new HashSet<>();
    private boolean closed;

    Timetable(RunbookRegistry registry, HandOver handOver, QuartzTimer timer, Clock clock) {
        this(registry, handOver, timer, clock, LOOK_AGAIN);
    }

    Timetable(RunbookRegistry registry, HandOver handOver, QuartzTimer timer, Clock clock, Duration lookAgain) {
        this.registry = registry;
        this.handOver = handOver;
        this.timer = timer;
        this.clock = clock;
        this.lookAgain = lookAgain;
    }

    synchronized Map<String, Schedule> schedules() {
        Map<String, Schedule> schedules = new HashMap<>();
        runbooks.forEach((name, runbook) -> schedules.put(name, runbook.schedule()));
        return schedules;
    }

    /** Up to when this runbook's fire times were dealt with; empty when it has none. */
    synchronized Optional<Instant> last(String runbook) {
        return Optional.ofNullable(runbooks.get(runbook)).map(ScheduledRunbook::last);
    }

    /** Up to when the fire times of each runbook are dealt with for which that is later than the given time, by name. */
    synchronized SortedMap<String, Instant> dealtWithBeyond(Instant time) {
        SortedMap<String, Instant> beyond = new TreeMap<>();
        runbooks.values().stream()
                .filter(runbook -> runbook.last().isAfter(time))
                .forEach(runbook -> beyond.put(runbook.name(), runbook.last()));
        return beyond;
    }

    /** Adds a runbook, or gives it another schedule. @param last fire times up to this one were dealt with */
    synchronized void put(String runbook, Schedule schedule, Instant last) {
        if (closed) {
            return;
        }
        remove(runbook);
        ScheduledRunbook added = new ScheduledRunbook(runbook, schedule, last);
        doubt(added);
        runbooks.put(runbook, added);
        plan(added, Duration.ZERO);
    }

    synchronized void remove(String runbook) {
        Optional.ofNullable(runbooks.remove(runbook)).ifPresent(this::standDown);
    }

    synchronized boolean isPaused(String runbook) {
        return paused.contains(runbook);
    }

    synchronized void pause(Collection<String> names) {
        paused.addAll(names);
        names.stream()
                .map(runbooks::get)
                .forEach(known -> Optional.ofNullable(known).ifPresent(this::standDown));
    }

    /** What would have fired until now is not made up. */
    synchronized void resume(String runbook, Instant now) {
        paused.remove(runbook);
        ScheduledRunbook known = runbooks.get(runbook);
        if (known != null && !closed) {
            known.dealtWithUpTo(now);
            arm(known);
        }
    }

    synchronized void close() {
        closed = true;
    }

    private void standDown(ScheduledRunbook runbook) {
        runbook.disarm().filter(armed -> !closed).ifPresent(armed -> timer.cancel(armed.trigger()));
        runbook.forgetBacklog();
    }

    /** Plans everything anew. @param jump how far the clock has gone beyond the time that has passed */
    synchronized void clockJumped(Duration jump) {
        if (closed) {
            return;
        }
        LOG.warn(
                "the clock has jumped {} by {}{}: every fire time is planned anew",
                jump.isNegative() ? "back" : "forward",
                DurationText.say(jump.abs()),
                jump.isNegative() ? "" : " (or this host slept)");
        Duration grace = jump.compareTo(GRACE) > 0 ? Duration.ZERO : GRACE;
        for (ScheduledRunbook runbook : runbooks.values()) {
            doubt(runbook);
            plan(runbook, grace);
        }
    }

    private void doubt(ScheduledRunbook runbook) {
        Instant last = runbook.last();
        if (runbook.doubt(clock.instant())) {
            LOG.warn(
                    "'{}' has last fired at {}, far in the future: the clock was or is wrong, this time is left aside",
                    runbook.name(),
                    last);
            handOver.forget(runbook.name());
            // Was to fire after that time.
            runbook.disarm().ifPresent(armed -> timer.cancel(armed.trigger()));
        }
    }

    /** @param grace how late a fire time may be and still fire as usual */
    private void plan(ScheduledRunbook runbook, Duration grace) {
        Optional<ScheduledRunbook.Armed> before = runbook.disarm();
        before.ifPresent(armed -> timer.cancel(armed.trigger()));
        if (paused.contains(runbook.name())) {
            return;
        }
        Instant now = clock.instant();
        Instant tooLate = now.minus(grace);
        if (before.isPresent() && before.get().due().isAfter(tooLate)) {
            arm(runbook, before.get().nominal(), before.get().due());
            return;
        }
        if (runbook.next().filter(next -> !next.isAfter(tooLate)).isPresent()) {
            makeUp(runbook, now);
        }
        arm(runbook);
    }

    private void arm(ScheduledRunbook runbook) {
        runbook.next().ifPresent(nominal -> arm(runbook, nominal, runbook.due(nominal)));
    }

    private void arm(ScheduledRunbook runbook, Instant nominal, Instant due) {
        runbook.arm(new ScheduledRunbook.Armed(nominal, due, timer.at(due, () -> fire(runbook, nominal))));
    }

    private void makeUp(ScheduledRunbook runbook, Instant now) {
        CatchUp catchUp = CatchUp.of(runbook.schedule(), runbook.last(), now);
        if (catchUp.newestMissed().isEmpty()) {
            return;
        }
        Instant newest = catchUp.newestMissed().get();
        Instant oldest = runbook.next().orElse(newest);
        List<Instant> runs = catchUp.runs();
        LOG.warn(
                "'{}' has missed {}{}: {}",
                runbook.name(),
                oldest,
                oldest.equals(newest) ? "" : " to " + newest,
                runs.isEmpty() ? "not made up" : runs.size() == 1 ? "made up once" : runs.size() + " are made up");
        // Not stored: after a restart they are found again, and given up or made up again.
        runbook.dealtWithUpTo(newest);
        if (runbook.addBacklog(runs)) {
            // Jitter here too: after an outage the whole fleet wakes at once.
            timer.at(now.plus(runbook.jitter()), () -> workOffBacklog(runbook));
        }
    }

    private void fire(ScheduledRunbook runbook, Instant nominal) {
        Optional<Instant> due = take(runbook, nominal);
        if (due.isPresent() && !waitsBehindBacklog(runbook, nominal)) {
            handOver.late(Duration.between(due.get(), clock.instant()));
            give(runbook, nominal, RunTrigger.SCHEDULE);
        }
    }

    /**
     * Whether it takes its place behind those that are made up. Run now it would find one of them in its way, and stored as dealt
     * with it would make a restart forget the older ones.
     */
    private synchronized boolean waitsBehindBacklog(ScheduledRunbook runbook, Instant nominal) {
        boolean replaces = registry.find(runbook.name())
                .filter(found -> found.policy().overlap() == Policy.Overlap.REPLACE)
                .isPresent();
        return !replaces && runbook.waitsBehindBacklog(nominal);
    }

    /** Takes the armed time out and arms the next. @return when it was due; empty when it is not to fire now */
    private synchronized Optional<Instant> take(ScheduledRunbook runbook, Instant nominal) {
        Optional<Instant> armed = runbook.armed()
                .filter(a -> !closed && a.nominal().equals(nominal))
                .map(ScheduledRunbook.Armed::due);
        if (armed.isEmpty()) {
            return armed;
        }
        Instant due = armed.get();
        Instant now = clock.instant();
        if (now.isBefore(due)) {
            // The clock was set back a little since.
            arm(runbook, nominal, due);
            return Optional.empty();
        }
        if (now.isAfter(due.plus(GRACE))) {
            plan(runbook, GRACE);
            return Optional.empty();
        }
        runbook.disarm();
        runbook.dealtWithUpTo(nominal);
        arm(runbook);
        return armed;
    }

    private Optional<RunHandle> give(ScheduledRunbook runbook, Instant nominal, RunTrigger trigger) {
        return registry.find(runbook.name())
                .flatMap(current -> handOver.give(current, runbook.blackout(), nominal, trigger));
    }

    /** Makes up one fire time, and the next one when that run has ended: they would stand in each other's way. */
    private void workOffBacklog(ScheduledRunbook runbook) {
        Optional<Instant> next = nextOfBacklog(runbook);
        while (next.isPresent()) {
            Instant nominal = next.get();
            Optional<RunHandle> run = give(runbook, nominal, RunTrigger.CATCH_UP);
            if (run.isPresent()) {
                var unused = run.get().outcome().thenAccept(end -> goOnWithBacklog(runbook, nominal, end));
                return;
            }
            next = nextOfBacklog(runbook);
        }
    }

    private synchronized Optional<Instant> nextOfBacklog(ScheduledRunbook runbook) {
        return closed ? Optional.empty() : runbook.nextOfBacklog();
    }

    private synchronized void goOnWithBacklog(ScheduledRunbook runbook, Instant nominal, RunOutcome end) {
        if (closed) {
            return;
        }
        Instant next = clock.instant();
        if (foundAnother(end) && isMadeUpInAnyCase(runbook)) {
            runbook.putBack(nominal);
            handOver.notDealtWith(runbook.name(), nominal);
            next = next.plus(lookAgain);
        }
        timer.at(next, () -> workOffBacklog(runbook));
    }

    private static boolean foundAnother(RunOutcome end) {
        RunError why = end.error();
        return end.state() == RunState.SKIPPED && why != null && why.message().contains(RunbookRunner.ALREADY_RUNNING);
    }

    /** Not one that was paused, removed or given another schedule meanwhile. */
    private boolean isMadeUpInAnyCase(ScheduledRunbook runbook) {
        return runbook.schedule().missed() == Schedule.Missed.RUN_ALL
                && runbook.equals(runbooks.get(runbook.name()))
                && !paused.contains(runbook.name());
    }
}
