package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs VACUUM table by table, the largest need first, as long as the time lasts. A partitioned table's partitions are vacuumed one
 * by one. Nothing has to be undone after it, however it ends: its settings are those of its session.
 */
public final class Vacuum {

    /** A description waits for nobody. */
    private static final Duration BRIEFLY = Duration.ofMillis(200);

    private final Database database;
    private final Work work;
    private final Clock clock;
    private final RewriteRoom room;

    public Vacuum(Database database, Work work, Clock clock) {
        this(database, work, clock, new RewriteRoom());
    }

    Vacuum(Database database, Work work, Clock clock, RewriteRoom room) {
        this.database = database;
        this.work = work;
        this.clock = clock;
        this.room = room;
    }

    /**
     * Vacuums. A table that is in use or not the role's to vacuum does not stop the others; it is in the result.
     *
     * @throws io.watchkeeper.problem.OperatorException when a named table does not exist, or the server is a standby
     */
    public VacuumResult run(VacuumPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            ServerFacts server = ServerFacts.read(session);
            server.requirePrimary(session, "VACUUM");
            List<VacuumTask> tasks = VacuumTask.of(session, server, plan);
            try (ServerProgress progress = new ServerProgress(database, work, server.pid())) {
                return new VacuumRun(session, server, plan, clock, room, progress).run(tasks);
            }
        }
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(VacuumPlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        try (Session session = database.open(work)) {
            ServerFacts server = ServerFacts.read(session);
            server.requirePrimary(session, "VACUUM");
            session.lockTimeout(BRIEFLY);
            Optional<String> closed = plan.time().closedAt(clock.instant());
            List<XminHolder> holders = XminHolders.read(session);
            for (VacuumTask task : VacuumTask.of(session, server, plan)) {
                String refused = refusal(session, task, closed);
                actions.add(new PlannedAction(
                        database.name(),
                        VacuumSql.of(plan.how(), task.name()),
                        refused.isEmpty() ? lock(plan) : LockLevel.NONE,
                        task.table().rows(),
                        task.table().bytes(),
                        refused.isEmpty() ? note(session, plan, task, holders) : refused));
            }
        }
        return actions;
    }

    private static LockLevel lock(VacuumPlan plan) {
        return plan.how().full() ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.SHARE_UPDATE_EXCLUSIVE;
    }

    /** Why nothing would be done to the table; empty when something would. */
    private static String refusal(Session session, VacuumTask task, Optional<String> closed) {
        if (task.need() == null) {
            return "skipped: " + task.notDue();
        }
        if (!task.table().allowed()) {
            return "refused: "
                    + MaintainedTables.notAllowed(session, task.name(), "").getMessage();
        }
        return closed.map(why -> "skipped: " + why).orElse("");
    }

    private String note(Session session, VacuumPlan plan, VacuumTask task, List<XminHolder> holders)
            throws SQLException {
        List<String> words = new ArrayList<>();
        if (task.need() != null) {
            words.add(task.need().words());
        }
        words.add(
                plan.how().skipLocked()
                        ? "skipped if it is in use"
                        : "waits at most " + DurationText.say(plan.how().lockTimeout()) + " for the table");
        if (plan.how().full()) {
            words.add(room.preview(
                    session, task.name(), bytes(session, task), plan.how().lockedAtMost()));
        }
        holders.stream()
                .filter(one ->
                        !one.catalogOnly() && one.age() > 0 && task.table().deadTuples() > 0)
                .findFirst()
                .ifPresent(one -> words.add("what was deleted since stays: " + one.say()));
        return String.join("; ", words);
    }

    /** On disk; by the planner's pages, which may be old, where somebody has the table locked. */
    private static long bytes(Session session, VacuumTask task) throws SQLException {
        try {
            return TableNow.read(session, task.name()).bytes();
        } catch (SQLException e) {
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return task.table().bytes();
            }
            throw e;
        }
    }
}
