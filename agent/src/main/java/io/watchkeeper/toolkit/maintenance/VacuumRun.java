package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of VACUUM over tables, in their order, in one session. */
final class VacuumRun {

    /** Who waits for the lock that a rewrite needs makes all others wait behind it. */
    private static final Duration LONGEST_QUEUE = Duration.ofSeconds(1);

    /** Of a table that is to be skipped when it is in use: its indexes and its size ask for locks of their own. */
    private static final Duration BRIEFLY = Duration.ofMillis(200);

    private static final double LONGEST_PAUSE_SECONDS = 8;

    private final Session session;
    private final ServerFacts server;
    private final VacuumPlan plan;
    private final VacuumHow how;
    private final Clock clock;
    private final RewriteRoom room;
    private final ServerProgress progress;
    private final List<VacuumedTable> done = new ArrayList<>();
    private final List<TableFailure> failures = new ArrayList<>();
    private boolean freezing;
    private boolean deadLeft;

    VacuumRun(
            Session session,
            ServerFacts server,
            VacuumPlan plan,
            Clock clock,
            RewriteRoom room,
            ServerProgress progress) {
        this.session = session;
        this.server = server;
        this.plan = plan;
        this.how = plan.how();
        this.clock = clock;
        this.room = room;
        this.progress = progress;
    }

    VacuumResult run(List<VacuumTask> tasks) throws SQLException {
        Instant start = clock.instant();
        Optional<String> closed = plan.time().closedAt(start);
        Optional<TimeFrame.End> end = plan.time().endFrom(start);
        prepare();
        for (VacuumTask task : tasks) {
            if (task.need() == null) {
                skip(task, task.notDue());
            } else if (!task.table().allowed()) {
                failures.add(new TableFailure(task.name(), MaintainedTables.notAllowed(session, task.name(), "")));
            } else if (closed.isPresent()) {
                skip(task, closed.get());
            } else if (end.isPresent() && !clock.instant().isBefore(end.get().at())) {
                skip(task, "not begun: " + end.get().words());
            } else {
                vacuum(task, end);
            }
        }
        return new VacuumResult(done, failures, deadLeft ? holders(start) : List.of());
    }

    private void prepare() throws SQLException {
        if (how.skipLocked()) {
            session.lockTimeout(BRIEFLY);
        } else if (how.full() && how.lockTimeout().compareTo(LONGEST_QUEUE) > 0) {
            session.lockTimeout(LONGEST_QUEUE);
        } else {
            session.lockTimeout(how.lockTimeout());
        }
        if (how.costLimit() != null) {
            // The limit does nothing while the delay is zero, as it is for manual VACUUM.
            session.query(
                    "select set_config('vacuum_cost_delay', '2ms', false), set_config('vacuum_cost_limit', ?, false)",
                    how.costLimit().toString());
        }
    }

    private void skip(VacuumTask task, String why) {
        done.add(VacuumedTable.skipped(session.database().name(), task, why));
    }

    private void vacuum(VacuumTask task, Optional<TimeFrame.End> end) throws SQLException {
        freezing(task);
        long start = System.nanoTime();
        Optional<Duration> limit = limit(end);
        progress.begin(task.name(), how.full() ? "vacuum full" : "vacuum");
        try {
            done.add(attempts(task, end, start));
        } catch (OperatorException e) {
            failures.add(new TableFailure(task.name(), e));
        } catch (SQLException e) {
            failed(task, e, limit.isPresent(), end, Duration.ofNanos(System.nanoTime() - start));
        } finally {
            progress.end(task.name());
        }
    }

    /** A table that is due by its age is read but for what is frozen already, and its rows are frozen sooner. */
    private void freezing(VacuumTask task) throws SQLException {
        boolean wanted = task.need() != null && task.need().isAge();
        if (wanted == freezing) {
            return;
        }
        freezing = wanted;
        if (!wanted) {
            session.runVerbatim("reset vacuum_freeze_table_age; reset vacuum_multixact_freeze_table_age;"
                    + " reset vacuum_freeze_min_age; reset vacuum_multixact_freeze_min_age");
            return;
        }
        session.query("""
                select set_config('vacuum_freeze_table_age', '0', false), set_config('vacuum_multixact_freeze_table_age', '0', false),
                       set_config('vacuum_freeze_min_age', least(current_setting('vacuum_freeze_min_age')::bigint, ?)::text, false),
                       set_config('vacuum_multixact_freeze_min_age',
                                  least(current_setting('vacuum_multixact_freeze_min_age')::bigint, ?)::text, false)""", half(plan.when().xidAge()), half(plan.when().multixactAge()));
    }

    /** So that a table is well below the limit when it is done, and not due again at once. */
    private static long half(@Nullable Long limit) {
        return limit == null ? Long.MAX_VALUE : limit / 2;
    }

    /** How long the statement may take; empty for as long as the run. */
    private Optional<Duration> limit(Optional<TimeFrame.End> end) {
        Optional<Duration> byEnd = end.map(one -> Duration.between(clock.instant(), one.at()));
        Optional<Duration> byLock = how.full() ? Optional.of(how.lockedAtMost()) : Optional.empty();
        Optional<Duration> smaller = byEnd.isPresent() && byLock.isPresent()
                ? Optional.of(byEnd.get().compareTo(byLock.get()) < 0 ? byEnd.get() : byLock.get())
                : byEnd.or(() -> byLock);
        Optional<Duration> left = session.work().timeLeft();
        return smaller.filter(one -> left.isEmpty() || one.compareTo(left.get()) < 0);
    }

    private VacuumedTable attempts(VacuumTask task, Optional<TimeFrame.End> end, long start) throws SQLException {
        boolean queues = how.full() && !how.skipLocked();
        double pause = 0.5;
        while (true) {
            try {
                // Anew each time: what was left at the first attempt would lock the table after the end.
                return once(task, limit(end), start);
            } catch (SQLException e) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                boolean isOver =
                        end.isPresent() && !clock.instant().isBefore(end.get().at());
                if (!queues || isOver || !isLocked(e) || waited.compareTo(how.lockTimeout()) >= 0) {
                    throw e;
                }
                session.query("select pg_sleep(?)", pause); // on the server, where a cancellation ends it
                pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS);
            }
        }
    }

    private VacuumedTable once(VacuumTask task, Optional<Duration> limit, long start) throws SQLException {
        TableNow before = TableNow.read(session, task.name());
        if (how.full()) {
            room.require(session, task.name(), before.bytes());
        }
        if (limit.isPresent()) {
            MaintainedTables.statementTimeout(session, limit.get());
        }
        try {
            MaintainedTables.execute(session, task.name(), VacuumSql.of(how, task.name()));
        } finally {
            if (limit.isPresent() && session.isUsable()) {
                session.query("select set_config('statement_timeout', ?, false)", server.statementTimeout());
            }
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        TableNow after = TableNow.read(session, task.name());
        if (!server.countsAtOnce() && after.deadTuples() > 0 && after.deadTuples() == before.deadTuples()) {
            session.query("select pg_sleep(0.6)");
            after = TableNow.read(session, task.name());
        }
        deadLeft |= after.deadTuples() > 0;
        return new VacuumedTable(
                task.name(),
                session.database().name(),
                null,
                true,
                task.need() == null ? "" : task.need().words(),
                task.table().deadTuples(),
                after.deadTuples(),
                before.xidAge(),
                after.xidAge(),
                Math.max(0, before.bytes() - after.bytes()),
                duration);
    }

    /** A failure of the table alone is kept; one that the other tables would meet too is thrown. */
    private void failed(
            VacuumTask task, SQLException e, boolean limited, Optional<TimeFrame.End> end, Duration duration)
            throws SQLException {
        if (isLocked(e) && how.skipLocked()) {
            skip(task, MaintainedTables.lockedBy(session, task.name(), e));
        } else if (isLocked(e)) {
            failures.add(new TableFailure(task.name(), TableLocks.explain(session, List.of(task.name()), e)));
        } else if (SqlStates.QUERY_CANCELED.equals(e.getSQLState()) && limited) {
            stopped(task, end, duration);
        } else if (FailureClass.of(e) == FailureClass.PERMANENT) {
            failures.add(new TableFailure(task.name(), e));
        } else {
            throw e;
        }
    }

    private void stopped(VacuumTask task, Optional<TimeFrame.End> end, Duration duration) {
        boolean byEnd = end.isPresent()
                && !clock.instant().plusMillis(50).isBefore(end.get().at());
        String why = byEnd
                ? "stopped: " + end.get().words() + (how.full() ? "" : "; what it had removed stays removed")
                : "stopped: it would have been locked for longer than " + DurationText.say(how.lockedAtMost())
                        + "; it is as it was";
        done.add(VacuumedTable.stopped(session.database().name(), task, why, duration));
    }

    private static boolean isLocked(SQLException e) {
        return FailureClass.sqlState(e).orElse("").equals(SqlStates.LOCK_NOT_AVAILABLE);
    }

    /** Those who were there before the first table: the rows that they keep are those that were found dead. */
    private List<XminHolder> holders(Instant start) throws SQLException {
        double since = Duration.between(start, clock.instant()).toMillis() / 1000.0;
        return XminHolders.read(session).stream()
                .filter(one -> !one.catalogOnly() && one.age() > 0)
                .filter(one -> one.seconds() < 0 || one.seconds() >= since)
                .toList();
    }
}
