package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.toolkit.remedy.RemedyResult.Ending;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why replicas of a primary are too far behind, does about it what is allowed, watches them until they have caught up, and
 * takes back what was meant for the while: when a replica has caught up, at the deadline, and when it is told to stop. What a process
 * that dies leaves, {@link RemedySweep} takes back; so does the next remediation, first of all.
 */
public final class LagRemediator {

    private static final Duration CONFIRM = Duration.ofSeconds(1);

    private final Database primary;
    private final Collection<Database> databases;
    private final Path state;
    private final ReplicationSight sight;
    private final Clock clock;
    private final Work work;
    private final String run;
    private final StandbyRebuild rebuild;
    private final Story story;
    private final FleetLook fleet;
    private final Instant began;
    private final Map<String, Treatment> treatments = new LinkedHashMap<>();
    private final List<String> leftInPlace = new ArrayList<>();
    private @Nullable PrimaryLook first;
    private Ending ending = Ending.STOPPED;

    /**
     * @param databases all configured ones
     * @param state the agent's folder
     * @param run whose it is, for records
     * @param rebuild the last resort for a standby whose place in the log is gone
     * @param log for each event a line
     */
    public LagRemediator(
            Database primary,
            Collection<Database> databases,
            Path state,
            ReplicationSight sight,
            Clock clock,
            Work work,
            String run,
            StandbyRebuild rebuild,
            Consumer<String> log) {
        this.primary = primary;
        this.databases = databases;
        this.state = state;
        this.sight = sight;
        this.clock = clock;
        this.work = work;
        this.run = run;
        this.rebuild = rebuild;
        this.story = new Story(primary.name(), sight.board(), clock, log);
        this.fleet = new FleetLook(primary, sight, work, clock);
        this.began = clock.instant();
    }

    /** Does it; returns when no replica is too far behind any more, or nothing more can be done. */
    public RemedyResult run(RemedyPlan plan) throws SQLException {
        new RemedySweep(state, databases, sight.board(), clock).sweep();
        List<Behind> over = tooFar(plan, fleet.look());
        if (!over.isEmpty()) {
            // After idle days the first record is as old as those for a moment: only what does not pass is behind.
            pause(plan.every().compareTo(CONFIRM) < 0 ? plan.every() : CONFIRM);
            over = tooFar(plan, fleet.look());
        }
        if (over.isEmpty()) {
            ending = Ending.NOT_BEHIND;
        } else if (plan.allowed().isEmpty()) {
            ending = Ending.DIAGNOSED;
            diagnose(plan, over);
        } else {
            Optional<RemedyLock> lock = RemedyLock.tryTake(primary, work);
            if (lock.isEmpty()) {
                ending = Ending.ELSEWHERE;
            } else {
                try (RemedyLock held = lock.get()) {
                    remedy(plan, over, held.session());
                }
            }
        }
        return result();
    }

    /** What is known so far; after a run that was stopped, how it ended. */
    public RemedyResult result() {
        return new RemedyResult(
                primary.name(),
                ending,
                treatments.values().stream().map(Treatment::result).toList(),
                story.events(),
                leftInPlace,
                began,
                Duration.between(began, clock.instant()));
    }

    /** Looks, and says what a run would do. */
    public List<PlannedAction> describe(RemedyPlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        List<Behind> over = tooFar(plan, fleet.look());
        diagnose(plan, over);
        for (Treatment treatment : treatments.values()) {
            RemedyResult.TreatedReplica found = treatment.result();
            for (Cause cause : found.causes()) {
                List<String> helps = plan.allowed().stream()
                        .filter(cause.kind()::isHelpedBy)
                        .map(Remedy::word)
                        .toList();
                actions.add(new PlannedAction(
                        primary.name(),
                        "-- " + found.name() + ": " + cause.sentence(),
                        LockLevel.NONE,
                        -1,
                        -1,
                        helps.isEmpty() ? "nothing that is allowed helps" : "would: " + String.join(", ", helps)));
            }
        }
        if (over.isEmpty()) {
            actions.add(new PlannedAction(
                    primary.name(),
                    "-- no replica is too far behind",
                    LockLevel.NONE,
                    -1,
                    -1,
                    "nothing would be done"));
        }
        return actions;
    }

    private static List<Behind> tooFar(RemedyPlan plan, List<Behind> all) {
        return all.stream()
                .filter(b -> plan.only().isEmpty() || plan.only().contains(b.name()))
                .filter(b -> plan.isOver(b.seconds(), b.bytes()))
                .toList();
    }

    private void diagnose(RemedyPlan plan, List<Behind> over) throws SQLException {
        if (over.isEmpty()) {
            return;
        }
        try (Session session = primary.open(work)) {
            PrimaryLook look = PrimaryLook.at(session);
            Cause bloat = plan.reindexOf().isEmpty()
                    ? null
                    : BloatedIndex.worst(session, plan.reindexOf(), plan.bloatOver())
                            .map(BloatedIndex::cause)
                            .orElse(null);
            over.forEach(behind -> begin(plan, behind, look).diagnose(behind, look, bloat));
        }
    }

    private Treatment begin(RemedyPlan plan, Behind behind, PrimaryLook look) {
        return treatments.computeIfAbsent(
                behind.name(), name -> new Treatment(plan, story, clock.instant(), behind, look));
    }

    private void remedy(RemedyPlan plan, List<Behind> over, Session session) throws SQLException {
        RemedyRevert revert = TemporaryChanges.revertBy(databases);
        try (TemporaryChanges changes =
                new TemporaryChanges(state, run, primary.name(), clock, revert, this::milestone, this::takenBack)) {
            try (HeavyRemedies heavy = new HeavyRemedies(
                    plan,
                    primary,
                    state,
                    run,
                    changes,
                    rebuild,
                    work,
                    clock,
                    began.plus(plan.deadline()),
                    this::ended)) {
                PrimaryLook look = PrimaryLook.at(session);
                first = look;
                heavy.lookForBloat(session);
                over.forEach(behind -> begin(plan, behind, look));
                loop(plan, over, session, changes, heavy);
            } finally {
                changes.takeBack(record -> true).stream()
                        .filter(outcome -> !outcome.settled())
                        .forEach(outcome -> leftInPlace.add(outcome.words()));
            }
        }
    }

    private void loop(
            RemedyPlan plan, List<Behind> over, Session session, TemporaryChanges changes, HeavyRemedies heavy)
            throws SQLException {
        RemedyActions doer = new RemedyActions(plan, changes, heavy, work, clock);
        Instant deadline = began.plus(plan.deadline());
        List<Behind> looks = over;
        while (true) {
            Optional<String> switched = step(looks, session, changes, heavy, doer);
            if (switched.isPresent()) {
                ending = Ending.FAILED_OVER;
                treatments.values().forEach(t -> t.giveUp(switched.get()));
                return;
            }
            if (treatments.values().stream().allMatch(Treatment::isOver)) {
                break;
            }
            if (!clock.instant().isBefore(deadline)) {
                treatments
                        .values()
                        .forEach(t -> t.giveUp("the deadline of " + DurationText.say(plan.deadline()) + " is over"));
                break;
            }
            pause(plan.every());
            looks = fleet.look();
        }
        boolean all = treatments.values().stream().allMatch(t -> t.result().recovered());
        ending = all ? Ending.REMEDIED : Ending.GAVE_UP;
    }

    /** One round over all replicas that are not done with. @return in words, when the primary is another server now */
    private Optional<String> step(
            List<Behind> looks, Session session, TemporaryChanges changes, HeavyRemedies heavy, RemedyActions doer)
            throws SQLException {
        PrimaryLook look = PrimaryLook.at(session);
        Optional<String> switched = switched(look, looks);
        if (switched.isPresent()) {
            return switched;
        }
        heavy.poll();
        for (Treatment treatment : treatments.values()) {
            Optional<Behind> now = looks.stream()
                    .filter(b -> b.name().equals(treatment.replica()))
                    .findFirst();
            if (treatment.isOver()) {
                continue;
            }
            if (now.isEmpty()) {
                treatment.misses(clock.instant());
            } else if (treatment.recovers(now.get(), clock.instant())) {
                heavy.release(treatment.replica());
                changes.takeBack(record -> record.replica().equals(treatment.replica()));
            } else {
                Behind before = treatment.last();
                treatment.diagnose(now.get(), look, heavy.bloat());
                boolean inPlace = heavy.holds(treatment.replica())
                        || changes.holds(r -> r.replica().equals(treatment.replica()));
                treatment.act(before, now.get(), look, doer, inPlace, clock.instant());
            }
        }
        return Optional.empty();
    }

    private Optional<String> switched(PrimaryLook now, List<Behind> looks) {
        PrimaryLook before = first;
        if (now.standby()) {
            return Optional.of("'" + primary.name() + "' is a standby now");
        }
        if (before != null
                && (!now.timeline().equals(before.timeline()) || !now.server().equals(before.server()))) {
            return Optional.of("'" + primary.name() + "' is on timeline " + now.timeline() + " at "
                    + now.server().address() + " now, and was on " + before.timeline() + " at "
                    + before.server().address());
        }
        return looks.stream()
                .filter(b -> b.look() != null && !b.look().standby())
                .findFirst()
                .map(b -> "'" + b.name() + "' was promoted");
    }

    private void takenBack(String replica, RemedyRevert.Outcome outcome) {
        story.tell(replica, RemedyEvent.Kind.REVERT, outcome.words());
    }

    private void ended(String replica, String text) {
        story.tell(replica, RemedyEvent.Kind.REVERT, text);
    }

    private void milestone(String replica, String stage) {
        work.progress(new Progress(replica, stage, 0, -1, 0));
    }

    /** @throws WorkCancelledException as soon as the work is told to stop */
    private void pause(Duration time) {
        java.util.concurrent.CountDownLatch told = new java.util.concurrent.CountDownLatch(1);
        Work.Registration cancellation = work.onCancel(told::countDown);
        try {
            told.await(time.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
            work.throwIfCancelled();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
            throw new OperatorException("the wait for the replicas was interrupted", null, e);
        } finally {
            cancellation.close();
        }
    }
}
