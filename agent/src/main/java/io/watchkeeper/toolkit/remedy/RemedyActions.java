package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.remedy.TemporaryChanges.Setting;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Does one thing about one replica, if there is something to do; says what it did and within which bounds. */
final class RemedyActions {

    /** With one of these, replay that is resumed ends recovery, and there are two primaries. */
    private static final String RECOVERY_TARGETS = """
            select name from pg_settings
             where name in ('recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time',
                            'recovery_target_xid') and setting <> '' order by name""";

    private static final int RESTARTS = 3;
    private static final int REQUESTS_EACH = 2;

    private final RemedyPlan plan;
    private final TemporaryChanges changes;
    private final HeavyRemedies heavy;
    private final Work work;
    private final Clock clock;

    /** How often each session was asked to cancel what it runs, by process and begin. */
    private final Map<String, Integer> asked = new HashMap<>();

    private final Map<String, Integer> restarts = new HashMap<>();
    private final Map<String, Instant> restartedAt = new HashMap<>();
    private int cancelled;

    RemedyActions(RemedyPlan plan, TemporaryChanges changes, HeavyRemedies heavy, Work work, Clock clock) {
        this.plan = plan;
        this.changes = changes;
        this.heavy = heavy;
        this.work = work;
        this.clock = clock;
    }

    /** @return what was done; empty when there is nothing that this can do, or nothing more */
    Optional<String> apply(Remedy remedy, Cause cause, Behind behind, PrimaryLook look) throws SQLException {
        return switch (remedy) {
            case HOT_STANDBY_FEEDBACK -> feedback(cause, behind);
            case CANCEL_CONFLICTS -> cancel(cause, behind);
            case TERMINATE_CONFLICTS -> terminate(cause, behind);
            case RESUME_REPLAY -> resume(cause, behind);
            case COST_LIMIT -> heavy.costLimit(cause, behind, look);
            case RESTART_RECEIVER -> restartReceiver(cause, behind);
            case REINDEX -> heavy.reindex(cause, behind);
            case YIELD_RUNS -> heavy.yieldRuns(behind);
            case REPROVISION -> heavy.reprovision(cause, behind);
        };
    }

    private Optional<String> feedback(Cause cause, Behind behind) throws SQLException {
        StandbyLook look = behind.look();
        Database standby = behind.standby();
        if (standby == null || look == null || look.feedback()) {
            return Optional.empty();
        }
        try (Session session = standby.open(work)) {
            changes.set(
                    session,
                    behind.name(),
                    new Setting(standby, "hot_standby_feedback", "on"),
                    cause.kind().words());
        }
        return Optional.of(
                "hot_standby_feedback on, so that the primary keeps the rows its queries see, " + plan.bound());
    }

    private Optional<String> cancel(Cause cause, Behind behind) throws SQLException {
        Optional<Blocker> worst = worst(cause).filter(Blocker::isRunning);
        if (worst.isEmpty() || asked.getOrDefault(key(worst.get()), 0) >= REQUESTS_EACH) {
            return Optional.empty();
        }
        asked.merge(key(worst.get()), 1, Integer::sum);
        return end("pg_cancel_backend", "cancelled", worst.get(), cause, behind);
    }

    private Optional<String> terminate(Cause cause, Behind behind) throws SQLException {
        Optional<Blocker> worst = worst(cause);
        boolean cancelFirst = worst.isPresent()
                && worst.get().isRunning()
                && plan.allowed().contains(Remedy.CANCEL_CONFLICTS)
                && asked.getOrDefault(key(worst.get()), 0) < REQUESTS_EACH;
        return worst.isEmpty() || cancelFirst
                ? Optional.empty()
                : end("pg_terminate_backend", "ended", worst.get(), cause, behind);
    }

    /** The one that is most in the way. While that one is spared, ending others would help nobody. */
    private Optional<Blocker> worst(Cause cause) {
        return cancelled >= plan.cancelAtMost()
                ? Optional.empty()
                : cause.blockers().stream().findFirst().filter(b -> !plan.isSpared(b));
    }

    private static String key(Blocker blocker) {
        return blocker.pid() + " " + blocker.began();
    }

    private Optional<String> end(String function, String done, Blocker blocker, Cause cause, Behind behind)
            throws SQLException {
        Database standby = behind.standby();
        if (standby == null) {
            return Optional.empty();
        }
        try (Session session = standby.open(work)) {
            RemedyRecord deed =
                    changes.deed(session, behind.name(), standby, function + " of " + blocker.pid(), cause.evidence());
            // Numbers of processes come again, so the statement itself looks whether it is still the same session.
            boolean sent = session.list(
                            "select " + function
                                    + "(pid) from pg_stat_activity where pid = ? and backend_start = ?::timestamptz",
                            row -> row.getBoolean(1),
                            blocker.pid(),
                            blocker.began())
                    .contains(true);
            changes.takeBack(deed);
            if (!sent) {
                return Optional.empty();
            }
            cancelled++;
            return Optional.of(
                    done + " " + blocker.words() + " (" + cancelled + " of at most " + plan.cancelAtMost() + ")");
        }
    }

    private Optional<String> resume(Cause cause, Behind behind) throws SQLException {
        Database standby = behind.standby();
        if (standby == null || cause.kind() != Cause.Kind.REPLAY_PAUSED) {
            return Optional.empty();
        }
        try (Session session = standby.open(work)) {
            List<String> targets = session.list(RECOVERY_TARGETS, row -> row.getString(1));
            if (!targets.isEmpty()) {
                throw new OperatorException(
                        "replay stands at its recovery target (" + String.join(", ", targets)
                                + "), and going on would promote the standby",
                        "take the setting away and restart the standby, if it is to follow again.");
            }
            RemedyRecord deed = changes.deed(session, behind.name(), standby, "pg_wal_replay_resume", cause.evidence());
            session.query("select pg_wal_replay_resume()");
            changes.takeBack(deed);
        }
        return Optional.of("replay resumed; whoever paused it is not asked, because the runbook allows it");
    }

    private Optional<String> restartReceiver(Cause cause, Behind behind) throws SQLException {
        Database standby = behind.standby();
        StandbyLook look = behind.look();
        int count = restarts.getOrDefault(behind.name(), 0);
        Instant last = restartedAt.get(behind.name());
        Duration apart = plan.every().multipliedBy(4);
        if (standby == null
                || look == null
                || count >= RESTARTS
                || (last != null && clock.instant().isBefore(last.plus(apart)))) {
            return Optional.empty();
        }
        restarts.put(behind.name(), count + 1);
        restartedAt.put(behind.name(), clock.instant());
        StandbyLook.Receiver receiver = look.receiver();
        try (Session session = standby.open(work)) {
            RemedyRecord deed =
                    changes.deed(session, behind.name(), standby, "restart of the WAL receiver", cause.evidence());
            // Where to receive from may have been changed in the file and never loaded.
            ServerSetting.reload(session);
            if (receiver != null) {
                session.query(
                        "select pg_terminate_backend(pid) from pg_stat_wal_receiver where pid = ?", receiver.pid());
            }
            changes.takeBack(deed);
        }
        return Optional.of((receiver == null
                        ? "configuration loaded again, so that a receiver starts"
                        : "receiver (pid " + receiver.pid() + ") ended; the standby starts another")
                + " (" + (count + 1) + " of at most " + RESTARTS + ", " + DurationText.say(apart) + " apart)");
    }
}
