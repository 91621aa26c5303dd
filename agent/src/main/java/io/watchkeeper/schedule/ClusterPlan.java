package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to fire when, of the cluster's runbooks that this agent has loaded. Every agent arms the same fire times, and looks
 * again at each check-in; so a trigger that was lost with an agent is armed anew by the others.
 */
final class ClusterPlan {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterPlan.class);

    /** A fire time that is later than this is not late but missed. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final RunbookRegistry registry;
    private final ClusterRecords records;
    private final ClusterRuns runs;
    private final ClusterTimer timer;
    private final ClusterClock clock;
    private final ClusterSettings settings;
    private final String agent;
    private final LongSupplier nanos;
    private final Consumer<Duration> onLateness;

    /** The schedules as of the last look, by runbook. Of the looking thread alone. */
    private final Map<String, Schedule> known = new HashMap<>();

    /** Until when this agent leaves a runbook to the others, because it was refused here; as {@link System#nanoTime}. */
    private final Map<String, Long> abstaining = new ConcurrentHashMap<>();

    ClusterPlan(
            Cluster.Parts parts,
            RunbookRegistry registry,
            ClusterRuns runs,
            ClusterTimer timer,
            Consumer<Duration> onLateness) {
        this.registry = registry;
        this.records = parts.records();
        this.runs = runs;
        this.timer = timer;
        this.clock = parts.clock();
        this.settings = parts.settings();
        this.agent = parts.agent();
        this.nanos = parts.nanos();
        this.onLateness = onLateness;
    }

    /** Whether a fire time of the runbook may come to this agent. */
    boolean canRun(String runbook) {
        Long until = abstaining.get(runbook);
        return (until == null || nanos.getAsLong() - until > 0)
                && registry.find(runbook).filter(ClusterPlan::isOurs).isPresent();
    }

    private static boolean isOurs(Runbook runbook) {
        return runbook.isClusterWide() && runbook.schedule() != null;
    }

    /** Takes over what dead agents have left, and arms what is to come. @return the names of what is paused */
    Set<String> look() {
        for (ClusterRun run : records.interruptSilent(agent, settings.takeOver())) {
            LOG.warn("{}: {}; another agent takes it over", run.fire(), run.message());
        }
        ClusterRecords.Standing standing = standing();
        runs.cancel(standing.cancelled());
        for (ClusterRun run : standing.open()) {
            if (run.isRunning() && agent.equals(run.agent()) && !runs.has(run.fire())) {
                // Asked for in the moment in which the database went away, and never begun.
                records.interrupt(run.fire(), agent, "was never begun: its agent had lost the cluster's database");
            }
        }
        for (Runbook runbook : registry.contents().runbooks().values()) {
            if (isOurs(runbook)) {
                plan(runbook, standing);
            }
        }
        return standing.paused();
    }

    private ClusterRecords.Standing standing() {
        ClusterRecords.Standing standing = records.standing(agent);
        List<String> first = new ArrayList<>();
        for (Runbook runbook : registry.contents().runbooks().values()) {
            if (isOurs(runbook) && !standing.last().containsKey(runbook.name())) {
                first.add(runbook.name());
            }
        }
        if (first.isEmpty()) {
            return standing;
        }
        records.adopt(first);
        return records.standing(agent);
    }

    private void plan(Runbook runbook, ClusterRecords.Standing standing) {
        String name = runbook.name();
        Schedule schedule = Objects.requireNonNull(runbook.schedule());
        if (standing.paused().contains(name)) {
            if (standing.armed().stream().anyMatch(fire -> fire.runbook().equals(name))) {
                timer.disarm(name);
            }
            return;
        }
        Schedule before = known.put(name, schedule);
        if (before != null && !before.equals(schedule)) {
            records.beginAnew(name);
            return;
        }
        Instant last = Objects.requireNonNull(standing.last().get(name));
        Instant now = clock.instant();
        List<ClusterRun> open = standing.open().stream()
                .filter(run -> run.runbook().equals(name))
                .toList();
        if (open.stream().noneMatch(ClusterRun::isRunning)) {
            open.stream().findFirst().ifPresent(run -> arm(run, schedule, standing, now));
        }
        Optional<Instant> next = FireTimes.of(schedule).after(last);
        if (next.isPresent() && next.get().plus(schedule.jitter()).plus(GRACE).isBefore(now)) {
            makeUp(runbook, schedule);
            return;
        }
        next.ifPresent(time -> armNext(runbook, last, time, standing.armed()));
    }

    private void arm(ClusterRun run, Schedule schedule, ClusterRecords.Standing standing, Instant now) {
        if (!standing.armed().contains(run.fire())) {
            // What a dead agent has left is late enough already.
            boolean atOnce = run.state().equals(ClusterRun.INTERRUPTED);
            Duration jitter = new ScheduledRunbook(run.runbook(), schedule, now).jitter();
            timer.arm(run.fire(), atOnce ? now : now.plus(jitter));
        }
    }

    private void armNext(Runbook runbook, Instant last, Instant nominal, Set<FireTime> armed) {
        FireTime fire = new FireTime(runbook.name(), nominal);
        if (!armed.contains(fire)) {
            Schedule schedule = Objects.requireNonNull(runbook.schedule());
            timer.arm(fire, new ScheduledRunbook(runbook.name(), schedule, last).due(nominal));
        }
    }

    /** Fire times at which no agent was there: found by all that come back, settled by the first. */
    private void makeUp(Runbook runbook, Schedule schedule) {
        CatchUp catchUp = records.change(session -> makeUp(session, runbook.name(), schedule));
        if (catchUp.newestMissed().isPresent()) {
            LOG.warn(
                    "'{}' has missed fire times up to {} in the whole cluster: {}",
                    runbook.name(),
                    catchUp.newestMissed().get(),
                    catchUp.runs().isEmpty()
                            ? "not made up"
                            : catchUp.runs().size() + (catchUp.runs().size() == 1 ? " is" : " are") + " made up");
        }
    }

    private CatchUp makeUp(Session session, String runbook, Schedule schedule) throws SQLException {
        record Row(Instant last, Instant now) {}
        Row row = session.one(
                "select last_fire_time, clock_timestamp() from watchkeeper.cluster_schedules where runbook = ? for update",
                r -> new Row(ClusterRecords.time(r, 1), ClusterRecords.time(r, 2)),
                runbook);
        // What is hardly late may still fire as usual, on an agent that has it in hand.
        CatchUp catchUp = CatchUp.of(
                schedule, row.last(), row.now().minus(schedule.jitter()).minus(GRACE));
        if (catchUp.newestMissed().isEmpty()) {
            return catchUp;
        }
        if (schedule.missed() == Schedule.Missed.RUN_ONCE) {
            session.update(
                    "delete from watchkeeper.cluster_runs where runbook = ? and state = 'due' and trigger = 'catchUp'",
                    runbook);
        }
        session.update("""
                insert into watchkeeper.cluster_runs (runbook, fire_time, trigger, state)
                select ?, time, 'catchUp', 'due' from unnest(?::timestamptz[]) time on conflict do nothing
                """, runbook, catchUp.runs());
        session.update(
                "update watchkeeper.cluster_schedules set last_fire_time = ? where runbook = ?",
                catchUp.newestMissed().get(),
                runbook);
        return catchUp;
    }

    /** Quartz has given this agent a fire time. */
    void fire(FireTime fire, Duration late) {
        Optional<Runbook> found = registry.find(fire.runbook()).filter(ClusterPlan::isOurs);
        if (found.isEmpty()) {
            return;
        }
        Runbook runbook = found.get();
        if (!runs.expect(fire)) {
            return;
        }
        ClusterClaim.Verdict verdict = ClusterClaim.Verdict.NOT_OURS;
        try {
            verdict = records.change(
                    session -> new ClusterClaim(session, runbook, fire, agent, settings.host()).decide(GRACE));
        } finally {
            if (!verdict.runs()) {
                runs.expectNoMore(fire);
            }
        }
        RunTrigger trigger = verdict.trigger();
        if (trigger != null) {
            if (trigger == RunTrigger.SCHEDULE) {
                onLateness.accept(late);
            }
            begin(fire, runbook, trigger, verdict);
        }
        Instant last = verdict.last();
        if (last != null) {
            Schedule schedule = Objects.requireNonNull(runbook.schedule());
            FireTimes.of(schedule).after(last).ifPresent(next -> armNext(runbook, last, next, Set.of()));
        }
    }

    private void begin(FireTime fire, Runbook runbook, RunTrigger trigger, ClusterClaim.Verdict verdict) {
        if (verdict.skipped() != null) {
            runs.skip(new RunRequest(runbook, trigger, Map.of(), false), verdict.skipped());
        } else if (!runs.start(fire, runbook, trigger)) {
            // So that another agent gets it, and not this one again and again.
            abstaining.put(
                    runbook.name(), nanos.getAsLong() + settings.takeOver().toNanos());
        }
    }
}
