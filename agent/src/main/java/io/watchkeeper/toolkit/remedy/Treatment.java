package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.toolkit.remedy.RemedyResult.TreatedReplica;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One replica that is too far behind, from the first look at it until it has recovered or is given up. */
final class Treatment {

    /** From here on a cause is worth an action. */
    private static final double LIKELY = 0.3;

    /** So many looks without anything to do, anything in place or any progress end it. */
    private static final int PATIENCE = 3;

    /** A remedy that could not be done so often is not tried again: a right is missing, or its server is away. */
    private static final int ATTEMPTS = 3;

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private static final Duration SHOWS_AFTER = Duration.ofSeconds(30);

    private final RemedyPlan plan;
    private final Story story;
    private final Instant began;
    private final long checkpointsBefore;
    private final Behind first;
    private final List<String> actions = new ArrayList<>();
    private final Map<Remedy, Integer> failures = new EnumMap<>(Remedy.class);
    private final Set<String> would = new LinkedHashSet<>();
    private List<Cause> causes = List.of();
    private Behind last;
    private int idle;
    private @Nullable Instant actedAt;
    private @Nullable Duration recoveredAfter;
    private boolean looked;
    private boolean ended;

    Treatment(RemedyPlan plan, Story story, Instant began, Behind first, PrimaryLook primary) {
        this.plan = plan;
        this.story = story;
        this.began = began;
        this.first = first;
        this.last = first;
        this.checkpointsBefore = primary.requestedCheckpoints();
        story.tell(first.name(), RemedyEvent.Kind.LAG, first.words());
    }

    String replica() {
        return first.name();
    }

    boolean isOver() {
        return ended;
    }

    /** Finds and tells why it is behind; does nothing. */
    void diagnose(Behind now, PrimaryLook primary, @Nullable Cause bloat) {
        Duration longVacuum = plan.alertAfter().dividedBy(5);
        causes = new CauseFinder(
                        now,
                        primary,
                        primary.requestedCheckpoints() - checkpointsBefore,
                        longVacuum,
                        looked ? last : null)
                .find(bloat);
        story.cause(replica(), causes.get(0));
        would.clear();
        for (Cause cause : causes) {
            for (Remedy remedy : Remedy.values()) {
                if (cause.likelihood() >= LIKELY
                        && cause.kind().isHelpedBy(remedy)
                        && !plan.allowed().contains(remedy)) {
                    would.add(remedy.word());
                }
            }
        }
        last = now;
        looked = true;
    }

    /** @return whether it has recovered by this look */
    boolean recovers(Behind now, Instant at) {
        if (!plan.hasRecovered(now.seconds(), now.bytes())) {
            return false;
        }
        last = now;
        recoveredAfter = Duration.between(began, at);
        ended = true;
        story.tell(replica(), RemedyEvent.Kind.RECOVERED, "it has caught up: " + now.words());
        return true;
    }

    /** Does the next thing that is allowed and helps, if there is one. */
    void act(Behind before, Behind now, PrimaryLook primary, RemedyActions doer, boolean inPlace, Instant at) {
        boolean acted = next(now, primary, doer);
        if (acted) {
            actedAt = at;
        }
        boolean shrinking = (now.bytes() >= 0 && now.bytes() < before.bytes()) || now.seconds() < before.seconds();
        idle = inPlace || shrinking || mayStillHelp(at) ? 0 : idle + 1;
        if (idle >= PATIENCE) {
            giveUp("nothing that is allowed helps against it");
        }
    }

    /** Nobody sees it at this look: it is between two connections, or gone. */
    void misses(Instant at) {
        idle = mayStillHelp(at) ? 0 : idle + 1;
        if (idle >= PATIENCE) {
            giveUp("the primary does not know it any more, and it cannot be asked");
        }
    }

    /** What was done takes a while to show. */
    private boolean mayStillHelp(Instant at) {
        Duration tenth = plan.deadline().dividedBy(10);
        Duration wait = tenth.compareTo(SHOWS_AFTER) < 0 ? tenth : SHOWS_AFTER;
        return actedAt != null && at.isBefore(actedAt.plus(wait));
    }

    private boolean next(Behind now, PrimaryLook primary, RemedyActions doer) {
        for (Remedy remedy : plan.allowed()) {
            for (Cause cause : causes) {
                if (cause.likelihood() >= LIKELY
                        && cause.kind().isHelpedBy(remedy)
                        && failures.getOrDefault(remedy, 0) < ATTEMPTS) {
                    Optional<String> done = attempt(remedy, cause, now, primary, doer);
                    if (done.isPresent()) {
                        String text = remedy.word() + ": " + done.get();
                        actions.add(text);
                        story.tell(replica(), RemedyEvent.Kind.ACTION, text + ", because " + cause.sentence());
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private Optional<String> attempt(Remedy remedy, Cause cause, Behind now, PrimaryLook primary, RemedyActions doer) {
        try {
            return doer.apply(remedy, cause, now, primary);
        } catch (WorkCancelledException e) {
            throw e;
        } catch (SQLException | OperatorException e) {
            failures.merge(remedy, 1, Integer::sum);
            story.tell(
                    replica(),
                    RemedyEvent.Kind.ACTION,
                    remedy.word() + " could not be done: " + e.getMessage() + hint(e));
            return Optional.empty();
        }
    }

    private static String hint(Exception failure) {
        String hint = failure instanceof OperatorException told ? told.hint() : null;
        if (failure instanceof SQLException refused && INSUFFICIENT_PRIVILEGE.equals(refused.getSQLState())) {
            hint = "docs/lag-remedies.md lists the rights that remedies need.";
        }
        return hint == null ? "" : " HINT: " + hint;
    }

    void giveUp(String why) {
        if (!ended) {
            ended = true;
            story.tell(replica(), RemedyEvent.Kind.GAVE_UP, "given up: " + why + "; it is " + last.words());
        }
    }

    TreatedReplica result() {
        return new TreatedReplica(
                replica(),
                recoveredAfter != null,
                first.seconds(),
                first.bytes(),
                last.seconds(),
                last.bytes(),
                causes,
                List.copyOf(actions),
                List.copyOf(would),
                recoveredAfter);
    }

    Behind last() {
        return last;
    }
}
