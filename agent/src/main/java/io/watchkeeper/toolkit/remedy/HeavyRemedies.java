package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.files.Brake;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.remedy.TemporaryChanges.Setting;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The remedies that change how much the primary and this host do, and the last resort. */
final class HeavyRemedies implements AutoCloseable {

    private static final int HIGHEST_COST_LIMIT = 10_000;
    private static final int COST_LIMIT_FACTOR = 5;

    private final RemedyPlan plan;
    private final Database primary;
    private final Path state;
    private final String run;
    private final TemporaryChanges changes;
    private final StandbyRebuild rebuild;
    private final Work work;
    private final Clock clock;
    private final Instant deadline;
    private final BiConsumer<String, String> ended;
    private final Set<String> rebuilt = new HashSet<>();
    private @Nullable BloatedIndex bloat;
    private @Nullable IndexRebuilding rebuilding;
    private @Nullable RemedyRecord rebuildingRecord;
    private @Nullable Brake brake;
    private String braking = "";

    /**
     * @param state the agent's folder
     * @param run that does not feel its own brake
     * @param deadline of the remediation
     * @param ended told of replica and text when something that took a while is over
     */
    HeavyRemedies(
            RemedyPlan plan,
            Database primary,
            Path state,
            String run,
            TemporaryChanges changes,
            StandbyRebuild rebuild,
            Work work,
            Clock clock,
            Instant deadline,
            BiConsumer<String, String> ended) {
        this.plan = plan;
        this.primary = primary;
        this.state = state;
        this.run = run;
        this.changes = changes;
        this.rebuild = rebuild;
        this.work = work;
        this.clock = clock;
        this.deadline = deadline;
        this.ended = ended;
    }

    /** Looks for a bloated index, once. */
    void lookForBloat(Session session) throws SQLException {
        if (!plan.reindexOf().isEmpty()) {
            bloat = BloatedIndex.worst(session, plan.reindexOf(), plan.bloatOver())
                    .orElse(null);
        }
    }

    /** The index that was found bloated and is not rebuilt yet, as a cause. */
    @Nullable
    Cause bloat() {
        return bloat == null ? null : bloat.cause();
    }

    Optional<String> costLimit(Cause cause, Behind behind, PrimaryLook look) throws SQLException {
        PrimaryLook.CostLimit limit = look.costLimit();
        Integer wanted = plan.costLimit();
        int target = Math.min(HIGHEST_COST_LIMIT, wanted != null ? wanted : limit.value() * COST_LIMIT_FACTOR);
        if (limit.value() >= target || changes.holds(record -> record.name().equals(limit.setting()))) {
            return Optional.empty();
        }
        try (Session session = primary.open(work)) {
            changes.set(
                    session,
                    behind.name(),
                    new Setting(primary, limit.setting(), Integer.toString(target)),
                    cause.kind().words());
        }
        return Optional.of(limit.setting() + " from " + limit.value() + " to " + target
                + " on the primary, so that vacuums end sooner, " + plan.bound());
    }

    Optional<String> yieldRuns(Behind behind) {
        if (brake != null) {
            return Optional.empty();
        }
        brake = Brake.hold(state, run).orElse(null);
        braking = behind.name();
        return brake == null
                ? Optional.empty()
                : Optional.of("heavy runs of this host go on at a tenth of their pace, " + plan.bound());
    }

    Optional<String> reindex(Cause cause, Behind behind) throws SQLException {
        BloatedIndex index = bloat;
        if (index == null || rebuilding != null) {
            return Optional.empty();
        }
        Duration left = Duration.between(clock.instant(), deadline);
        try (Session session = primary.open(work)) {
            rebuildingRecord = changes.index(session, behind.name(), primary, index.name(), cause.evidence());
        }
        rebuilding = IndexRebuilding.start(primary, index.name(), work.applicationName(), left);
        return Optional.of(
                "REINDEX INDEX CONCURRENTLY " + index.name() + ", for " + DurationText.say(left) + " at most");
    }

    Optional<String> reprovision(Cause cause, Behind behind) throws SQLException {
        Database standby = behind.standby();
        if (standby == null || !rebuild.canRebuild(standby.name()) || !rebuilt.add(standby.name())) {
            return Optional.empty();
        }
        try (Session session = primary.open(work)) {
            RemedyRecord deed =
                    changes.deed(session, behind.name(), standby, "making the standby anew", cause.evidence());
            String done = rebuild.rebuild(standby.name(), work);
            changes.takeBack(deed);
            return Optional.of(done + " (once)");
        }
    }

    /** Looks whether the index is built. */
    void poll() {
        if (rebuilding != null && rebuilding.outcome().isPresent()) {
            endRebuilding();
        }
    }

    private void endRebuilding() {
        IndexRebuilding last = rebuilding;
        RemedyRecord record = rebuildingRecord;
        if (last == null || record == null) {
            return;
        }
        rebuilding = null;
        bloat = null;
        last.close();
        ended.accept(record.replica(), last.outcome().orElse("rebuilding " + record.name() + " is told to end"));
        changes.takeBack(record);
    }

    /** Whether something of it is in place for the replica. */
    boolean holds(String replica) {
        return brake != null && braking.equals(replica);
    }

    /** The replica has caught up, or is given up. */
    void release(String replica) {
        if (rebuildingRecord != null && rebuildingRecord.replica().equals(replica)) {
            endRebuilding();
        }
        if (holds(replica)) {
            letGo();
        }
    }

    private void letGo() {
        Brake held = brake;
        if (held != null) {
            held.close();
            brake = null;
            ended.accept(braking, "runs of this host go on at their own pace");
        }
    }

    @Override
    public void close() {
        endRebuilding();
        letGo();
    }
}
