package io.watchkeeper.toolkit.failover;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the primary's role to a standby, on a person's word, where no failover manager looks after the servers.
 *
 * <p>Never do two servers take writes: the standby is promoted only when the old primary is down, has handed over all of its log, and has
 * a standby.signal on its disk, with which it comes up as a standby however it is started. Until then everything can be taken back; from
 * then on there is only the way forward. Each step is recorded before it begins and can be done again, so whoever comes after a crash, a
 * person or the agent's start, knows which of the two it is.
 */
public final class Switchover {

    private static final Logger LOG = LoggerFactory.getLogger(Switchover.class);

    private final Function<String, Database> databases;
    private final FailoverProbe probe;
    private final Work work;
    private final Path state;
    private final @Nullable Path bin;
    private Consumer<String> watcher = point -> {};

    /**
     * @param databases the configured ones, by name
     * @param state the agent's folder
     * @param bin where PostgreSQL's programs are looked for first; null when nothing is configured
     */
    public Switchover(Function<String, Database> databases, Work work, Path state, @Nullable Path bin) {
        this.databases = databases;
        this.probe = new FailoverProbe(databases, work);
        this.work = work;
        this.state = state;
        this.bin = bin;
    }

    /** @param points told where it is, before and after each step */
    Switchover watchedBy(Consumer<String> points) {
        watcher = points;
        return this;
    }

    /** Makes every check and says what {@link #run} would do. */
    public List<PlannedAction> describe(SwitchoverPlan plan) throws SQLException {
        Optional<SwitchoverRecord> found = SwitchoverRecord.find(state, plan.from());
        if (found.isPresent()) {
            return List.of(action(
                    plan.from(), "-- goes on with switchover " + found.get().title(), ""));
        }
        refuseManaged(plan);
        SwitchoverChecks.Checked checked = checks(plan).check();
        SwitchoverRecord record = checked.record();
        String stop = record.unit() == null
                ? "pg_ctl stop -m fast -D " + record.dataDirectory()
                : "systemctl stop " + record.unit();
        List<PlannedAction> actions = new ArrayList<>();
        for (String slot : record.slots()) {
            actions.add(action(plan.to(), "SELECT pg_create_physical_replication_slot('" + slot + "', true)", ""));
        }
        actions.add(action(
                plan.from(),
                "ALTER SYSTEM SET primary_conninfo = '… " + record.address() + " …'",
                "it takes effect as a standby only"));
        actions.add(action(plan.from(), "CHECKPOINT", ""));
        actions.add(action(plan.from(), stop, "every session ends; no writes from here on"));
        actions.add(action(
                plan.from(),
                "touch standby.signal",
                "once '" + plan.to() + "' has everything; from here on there is no way back"));
        actions.add(action(plan.to(), "SELECT pg_promote()", "it takes writes"));
        for (String other : plan.repoint()) {
            actions.add(action(other, "ALTER SYSTEM SET primary_conninfo = '… " + record.address() + " …'", ""));
        }
        actions.add(action(
                plan.from(),
                record.unit() == null ? "pg_ctl start" : "systemctl start " + record.unit(),
                "as a standby of '" + plan.to() + "'"));
        checked.notes().forEach(note -> actions.add(action(plan.from(), "-- " + note, "")));
        return actions;
    }

    private static PlannedAction action(String database, String text, String note) {
        return new PlannedAction(database, text, LockLevel.NONE, -1, -1, note);
    }

    /**
     * Does it, or goes on with the one that is under way.
     *
     * @throws OperatorException when it cannot begin, is not confirmed, or failed; what became of it is said
     */
    public SwitchoverResult run(SwitchoverPlan plan) throws SQLException {
        return alone(plan.from(), () -> {
            Optional<SwitchoverRecord> found = SwitchoverRecord.find(state, plan.from());
            if (found.isPresent() && !found.get().to().equals(plan.to())) {
                throw new OperatorException(
                        "the switchover " + found.get().title() + " is under way",
                        "go on with that one, or take it back, before another begins.");
            }
            refuseManaged(plan);
            List<String> notes = new ArrayList<>();
            SwitchoverRecord record;
            if (found.isPresent()) {
                record = plan.rewind() ? found.get().mayRewind() : found.get();
            } else {
                SwitchoverChecks.Checked checked = checks(plan).check();
                record = checked.record();
                notes.addAll(checked.notes());
            }
            if (!plan.isConfirmed()) {
                throw new OperatorException(
                        "the switchover " + plan.title() + " was checked and can begin; nobody has confirmed it",
                        "look at the plan (a dry run), then say confirm '" + plan.title() + "'.");
            }
            return steps(record, notes).forward();
        });
    }

    /**
     * Gives the role back to the old primary when the new one was not told to take it yet.
     *
     * @throws OperatorException when it is too late for that
     */
    public SwitchoverResult back(String from) throws SQLException {
        return alone(from, () -> {
            Optional<SwitchoverRecord> found = SwitchoverRecord.find(state, from);
            if (found.isEmpty()) {
                return new SwitchoverResult(
                        from, "", "nothing", List.of(), null, List.of("no switchover is under way"));
            }
            return steps(found.get(), new ArrayList<>()).back();
        });
    }

    private SwitchoverChecks checks(SwitchoverPlan plan) {
        return new SwitchoverChecks(
                plan,
                databases.apply(plan.from()),
                databases.apply(plan.to()),
                plan.repoint().stream().map(databases).toList(),
                work,
                bin);
    }

    private SwitchoverRun steps(SwitchoverRecord record, List<String> notes) {
        return new SwitchoverRun(record, databases, work, state, notes, watcher);
    }

    /** A manager that came to look after the servers meanwhile would fight every step. */
    private void refuseManaged(SwitchoverPlan plan) throws SQLException {
        for (String name : List.of(plan.from(), plan.to())) {
            Optional<FailoverCluster> cluster;
            try {
                cluster = probe.look(databases.apply(name));
            } catch (OperatorException e) {
                if (SwitchoverRecord.find(state, plan.from()).isPresent()) {
                    continue; // It is down, as it should be in the middle.
                }
                throw e;
            }
            if (cluster.isPresent()) {
                cluster.get().refuse(ManagedAction.SWITCHOVER, name);
            }
        }
    }

    private SwitchoverResult alone(String from, Body body) throws SQLException {
        LockFile lock = SwitchoverRecord.lock(state, from)
                .orElseThrow(() -> new OperatorException(
                        "a switchover of '" + from + "' is being worked on right now", "wait until it is done."));
        try {
            return body.run();
        } finally {
            lock.close();
        }
    }

    private interface Body {
        SwitchoverResult run() throws SQLException;
    }

    /** The step at which a switchover from a database stands; empty when none is under way. @param state the agent's folder */
    public static Optional<String> unfinished(Path state, String from) {
        return SwitchoverRecord.find(state, from).map(SwitchoverRecord::title);
    }

    /**
     * Ends switchovers whose agent died: before the promotion the old primary gets its role back, after it the rest is done. Leaves alone
     * what a person has taken in hand meanwhile. Never fails.
     *
     * @param state the agent's folder
     * @param databases the configured ones, by name
     */
    public static void sweep(Path state, Function<String, Database> databases) {
        try {
            for (SwitchoverRecord record : SwitchoverRecord.all(state)) {
                Optional<LockFile> lock = SwitchoverRecord.lock(state, record.from());
                if (lock.isPresent()) {
                    try {
                        sweep(state, databases, record.from());
                    } finally {
                        lock.get().close();
                    }
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("{}", e.toString());
        }
    }

    private static void sweep(Path state, Function<String, Database> databases, String from) {
        // Read again: whoever held the lock may have ended it.
        SwitchoverRecord record = SwitchoverRecord.find(state, from).orElse(null);
        if (record == null) {
            return;
        }
        Work work = Work.unattended("watchkeeper switchover");
        SwitchoverRun run = new SwitchoverRun(record, databases, work, state, new ArrayList<>(), point -> {});
        try {
            if (record.step().canGoBack()) {
                LOG.warn("switchover {} was interrupted; the old primary gets its role back", record.title());
                run.back();
            } else if (run.isTakenInHand()) {
                LOG.warn(
                        "switchover {} was interrupted, and '{}' has no standby.signal any more, or its folder cannot be seen: not"
                                + " touched. HINT: end it by a person: watchkeeper switchover.",
                        record.title(),
                        from);
            } else {
                LOG.warn("switchover {} was interrupted; going on with it", record.title());
                run.forward();
            }
        } catch (SQLException | RuntimeException e) {
            LOG.warn(
                    "switchover {} is still not over: {}. HINT: where the agent may not start and stop the server, repeat the same"
                            + " command by hand.",
                    record.title(),
                    e.toString());
        }
    }
}
