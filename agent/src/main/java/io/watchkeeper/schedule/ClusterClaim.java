package io.watchkeeper.schedule;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides, in one transaction that holds the runbook's row, whether this agent runs a fire time. However often and on however
 * many agents a fire time comes up (two that take each other for dead, a clock that was set), one of them is let through.
 */
final class ClusterClaim {

    /**
     * What became of it.
     *
     * @param trigger how the run counts; null when this agent has nothing to do with it
     * @param skipped why the run is recorded as skipped; null when it is to start
     * @param last up to when the runbook's fire times are dealt with now; null when that was left as it was
     */
    record Verdict(
            @Nullable RunTrigger trigger,
            @Nullable String skipped,
            @Nullable Instant last) {

        static final Verdict NOT_OURS = new Verdict(null, null, null);

        boolean runs() {
            return trigger != null && skipped == null;
        }
    }

    private record Row(String state, String trigger) {}

    private final Session session;
    private final Runbook runbook;
    private final Schedule schedule;
    private final FireTime fire;
    private final String agent;
    private final String host;

    ClusterClaim(Session session, Runbook runbook, FireTime fire, String agent, String host) {
        this.session = session;
        this.runbook = runbook;
        this.schedule = Objects.requireNonNull(runbook.schedule());
        this.fire = fire;
        this.agent = agent;
        this.host = host;
    }

    /** @param grace how late a fire time may be and still fire as usual */
    Verdict decide(Duration grace) throws SQLException {
        record Known(Instant last, boolean paused, Instant now) {}
        List<Known> known = session.list(
                "select last_fire_time, paused, clock_timestamp() from watchkeeper.cluster_schedules where runbook = ?"
                        + " for update",
                row -> new Known(ClusterRecords.time(row, 1), row.getBoolean(2), ClusterRecords.time(row, 3)),
                runbook.name());
        if (known.isEmpty() || known.get(0).paused()) {
            return Verdict.NOT_OURS;
        }
        Instant now = known.get(0).now();
        List<Row> rows = session.list(
                "select state, trigger from watchkeeper.cluster_runs where runbook = ? and fire_time = ?",
                row -> new Row(row.getString(1), row.getString(2)),
                fire.runbook(),
                fire.at());
        if (!rows.isEmpty()) {
            return again(rows.get(0), now);
        }
        return isNext(known.get(0).last(), now, grace) ? firstTime(now) : Verdict.NOT_OURS;
    }

    /** Neither early, nor dealt with, nor of another schedule, nor so late that it counts as missed. */
    private boolean isNext(Instant last, Instant now, Duration grace) {
        Optional<Instant> next = FireTimes.of(schedule).after(last);
        return next.isPresent()
                && next.get().equals(fire.at())
                && !fire.at().isAfter(now)
                && !now.isAfter(fire.at().plus(schedule.jitter()).plus(grace));
    }

    private Verdict firstTime(Instant now) throws SQLException {
        session.update(
                "update watchkeeper.cluster_schedules set last_fire_time = ? where runbook = ?",
                fire.at(),
                runbook.name());
        Optional<ClusterRun> other = running();
        if (other.isPresent() && waitsFor(other.get())) {
            // It waits its turn as one of those to be made up do, and is armed when the other has ended.
            insert(ClusterRun.DUE, null, null);
            replace(other.get());
            return new Verdict(null, null, fire.at());
        }
        Optional<String> window = blackout(now);
        Optional<String> reason = window.or(() -> other.map(this::alreadyRunning));
        insert(
                reason.isPresent() ? "skipped" : ClusterRun.RUNNING,
                reason.orElse(null),
                window.isPresent() ? null : other.map(this::blocker).orElse(null));
        return new Verdict(RunTrigger.SCHEDULE, reason.orElse(null), fire.at());
    }

    /** A run that is made up late holds up those that are due on time: that they are in its way is nobody's fault here. */
    private boolean waitsFor(ClusterRun other) {
        boolean madeUp = other.attempts() > 1 || other.trigger().equals("catchUp");
        return runbook.policy().overlap() != Policy.Overlap.SKIP
                || (madeUp && schedule.missed() == Schedule.Missed.RUN_ALL);
    }

    /** The other's agent may have died a moment ago: then this fire time was missed, and it is made up as the schedule says. */
    private @Nullable String blocker(ClusterRun other) {
        return schedule.missed() == Schedule.Missed.SKIP ? null : other.agent();
    }

    private Verdict again(Row row, Instant now) throws SQLException {
        if (!row.state().equals(ClusterRun.DUE) && !row.state().equals(ClusterRun.INTERRUPTED)) {
            return Verdict.NOT_OURS;
        }
        if (running().isPresent()) {
            return Verdict.NOT_OURS;
        }
        Optional<String> reason = blackout(now);
        session.update(
                """
                update watchkeeper.cluster_runs
                set state = ?, attempts = attempts + ?, agent = ?, host = ?, run_id = null, started_at = clock_timestamp(),
                    ended_at = case when ? = 'running' then null else clock_timestamp() end, message = ?, cancel_reason = null
                where runbook = ? and fire_time = ?
                """,
                reason.isPresent() ? "skipped" : ClusterRun.RUNNING,
                reason.isPresent() ? 0 : 1,
                agent,
                host,
                reason.isPresent() ? "skipped" : ClusterRun.RUNNING,
                reason.orElse(null),
                fire.runbook(),
                fire.at());
        boolean waited = row.state().equals(ClusterRun.DUE) && row.trigger().equals("schedule");
        return new Verdict(waited ? RunTrigger.SCHEDULE : RunTrigger.CATCH_UP, reason.orElse(null), null);
    }

    private void insert(String state, @Nullable String message, @Nullable String blockedBy) throws SQLException {
        if (blockedBy != null && schedule.missed() == Schedule.Missed.RUN_ONCE) {
            session.update(
                    "update watchkeeper.cluster_runs set blocked_by = null where runbook = ? and blocked_by = ?",
                    runbook.name(),
                    blockedBy);
        }
        boolean runs = state.equals(ClusterRun.RUNNING);
        boolean waits = state.equals(ClusterRun.DUE);
        session.update(
                """
                insert into watchkeeper.cluster_runs
                  (runbook, fire_time, trigger, state, attempts, agent, host, started_at, ended_at, message, blocked_by)
                values (?, ?, 'schedule', ?, ?, ?, ?, case when ? then clock_timestamp() end,
                        case when ? then clock_timestamp() end, ?, ?)
                """,
                fire.runbook(),
                fire.at(),
                state,
                runs ? 1 : 0,
                waits ? null : agent,
                waits ? null : host,
                runs,
                !runs && !waits,
                message,
                blockedBy);
    }

    private Optional<ClusterRun> running() throws SQLException {
        return session
                .list(
                        "select runbook, fire_time, trigger, state, attempts, agent, host, run_id, started_at, ended_at,"
                                + " message from watchkeeper.cluster_runs where runbook = ? and state = 'running'",
                        ClusterRecords::run,
                        fire.runbook())
                .stream()
                .findFirst();
    }

    private void replace(ClusterRun other) throws SQLException {
        if (runbook.policy().overlap() == Policy.Overlap.REPLACE) {
            session.update(
                    "update watchkeeper.cluster_runs set cancel_reason = ?"
                            + " where runbook = ? and fire_time = ? and state = 'running'",
                    "replaced by the run that was due at " + fire.at(),
                    other.runbook(),
                    other.fireTime());
        }
    }

    private String alreadyRunning(ClusterRun other) {
        return "'" + runbook.name() + "' is already running on " + other.host() + ": the run that was due at "
                + other.fireTime();
    }

    private Optional<String> blackout(Instant now) {
        return new Blackout(schedule).at(now).map(window -> "blackout: no run starts from " + window);
    }
}
