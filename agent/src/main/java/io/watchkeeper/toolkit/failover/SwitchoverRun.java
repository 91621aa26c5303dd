package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One switchover on its way, forward or back; see {@link Switchover} for why it is safe. */
final class SwitchoverRun {

    private static final int MOST_RESTARTS = 3;

    /** So long a server that is to start again may still be on its way down. */
    private static final Duration SHUTDOWN_PATIENCE = Duration.ofSeconds(1);

    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(30);

    private final Function<String, Database> databases;
    private final Path state;
    private final List<String> notes;
    private final Consumer<String> watcher;
    private final StoppedServer old;
    private final List<String> steps = new ArrayList<>();
    private Work work;
    private SwitchoverRecord record;
    private @Nullable Duration downtime;

    /** Of the clock; 0 unless it was this run that stopped a primary that took writes. */
    private long stoppedAt;

    private int restarts;

    SwitchoverRun(
            SwitchoverRecord record,
            Function<String, Database> databases,
            Work work,
            Path state,
            List<String> notes,
            Consumer<String> watcher) {
        this.record = record;
        this.databases = databases;
        this.work = work;
        this.state = state;
        this.notes = notes;
        this.watcher = watcher;
        this.old = StoppedServer.of(record);
    }

    /** From the step that was begun last to the end. */
    SwitchoverResult forward() throws SQLException {
        try {
            while (record.step().canGoBack()) {
                record.write(state);
                begun();
                record = beforePromotion();
                ended();
            }
        } catch (SQLException | RuntimeException e) {
            throw giveUp(e);
        }
        // Nobody may stop it half-way now: until it is over, nobody takes writes, or only one server is left.
        work = Work.unattended("watchkeeper switchover");
        try {
            SwitchoverStep next;
            do {
                record.write(state);
                begun();
                next = fromPromotionOn();
                ended();
                record = record.at(next == null ? record.step() : next);
            } while (next != null);
        } catch (SQLException | RuntimeException e) {
            String first = e instanceof OperatorException known && known.hint() != null
                    ? known.hint() + " Then"
                    : "see to that, then";
            throw new OperatorException(
                    "switchover " + record.title() + " is not over: " + e.getMessage(),
                    first + " run the same again: it goes on where it is."
                            + (old.isFenced() ? " Do not start '" + record.from() + "' as a primary meanwhile." : ""),
                    e);
        }
        record.delete(state);
        return new SwitchoverResult(record.from(), record.to(), "done", steps, downtime, notes);
    }

    private void begun() {
        steps.add(record.step().wireName());
        watcher.accept(record.step().wireName() + " begun");
    }

    private void ended() {
        watcher.accept(steps.get(steps.size() - 1) + " done");
    }

    /** @return the record for what comes next */
    private SwitchoverRecord beforePromotion() throws SQLException {
        return switch (record.step()) {
            case PREPARING -> {
                prepare();
                yield record.at(SwitchoverStep.STOPPING);
            }
            case STOPPING -> {
                String end = stop();
                yield record.endedAt(end).at(SwitchoverStep.FENCING);
            }
            default -> {
                boolean fenced = fence();
                if (!fenced && ++restarts > MOST_RESTARTS) {
                    throw new OperatorException(
                            "somebody keeps starting '" + record.from() + "' while it is to stay down",
                            "find out who, for example by systemctl list-units 'postgres*', and say service 'UNIT'.");
                }
                yield record.at(fenced ? SwitchoverStep.PROMOTING : SwitchoverStep.STOPPING);
            }
        };
    }

    private @Nullable SwitchoverStep fromPromotionOn() throws SQLException {
        return switch (record.step()) {
            case PROMOTING -> {
                promote();
                yield SwitchoverStep.REPOINTING;
            }
            case REPOINTING -> {
                repoint();
                yield SwitchoverStep.REJOINING;
            }
            case REJOINING -> {
                rejoin();
                yield SwitchoverStep.TIDYING;
            }
            default -> {
                tidy();
                yield null;
            }
        };
    }

    private Duration patience() {
        return Duration.ofSeconds(record.seconds());
    }

    private Database from() {
        return databases.apply(record.from());
    }

    private Database to() {
        return databases.apply(record.to());
    }

    private void prepare() throws SQLException {
        String conninfo;
        try (Session standby = to().open(work)) {
            for (String slot : record.slots()) {
                standby.query(
                        "select pg_create_physical_replication_slot(?, true)"
                                + " where not exists (select from pg_replication_slots where slot_name = ?)",
                        slot,
                        slot);
            }
            conninfo = ConnInfo.parse(primaryConninfo(standby))
                    .leadingTo(record.address(), record.from())
                    .without("dbname")
                    .text();
            standby.update("CHECKPOINT");
        }
        try (Session primary = from().open(work)) {
            writeConninfo(primary, conninfo);
            new SystemSetting("primary_slot_name").write(primary, record.slot());
            // The shutdown's own checkpoint is short then.
            primary.update("CHECKPOINT");
        }
    }

    /** It may hold a password, which belongs into no log. */
    private static void writeConninfo(Session session, String conninfo) throws SQLException {
        session.query(
                "select set_config('log_statement', 'none', false), set_config('log_min_error_statement', 'panic', false),"
                        + " set_config('log_min_duration_statement', '-1', false)");
        new SystemSetting("primary_conninfo").write(session, conninfo);
    }

    private static String primaryConninfo(Session session) throws SQLException {
        return session.one("select current_setting('primary_conninfo')", row -> row.getString(1));
    }

    /** @return where its log ended */
    private String stop() throws SQLException {
        if (old.isRunning(work) && answersAsPrimary()) {
            // One that was started again in between has lost its standby for a moment, and would go down without it.
            await("'" + record.to() + "' does not stream from '" + record.from() + "'", this::streamsFromOld);
            stoppedAt = System.nanoTime();
        }
        old.stop(work);
        StoppedServer.Control control = old.control(work);
        if (!control.isCleanlyDown() || !control.system().equals(record.system())) {
            throw new OperatorException("'" + record.from() + "' was not shut down cleanly: " + control.state(), null);
        }
        String end = control.ended().toString();
        await(
                "'" + record.to() + "' has not got all of the log of '" + record.from() + "', up to " + end,
                () -> hasReplayedPast(end));
        return end;
    }

    private boolean answersAsPrimary() {
        try {
            return takesWrites(from());
        } catch (OperatorException | SQLException e) {
            return false;
        }
    }

    private boolean streamsFromOld() throws SQLException {
        try (Session standby = to().open(work)) {
            return standby.one(
                    "select exists (select from pg_stat_wal_receiver where status = 'streaming')",
                    row -> row.getBoolean(1));
        }
    }

    /** A shutdown's checkpoint is the last record of the log: who has replayed it has everything. */
    private boolean hasReplayedPast(String end) throws SQLException {
        try (Session standby = to().open(work)) {
            return standby.one(
                    "select not pg_is_in_recovery() or pg_last_wal_replay_lsn() > ?::text::pg_lsn",
                    row -> row.getBoolean(1),
                    end);
        }
    }

    /** @return false when somebody has started the server in between, so that its log may have gone on */
    private boolean fence() {
        old.fence();
        if (old.isRunning(work)) {
            return false;
        }
        StoppedServer.Control control = old.control(work);
        return control.isCleanlyDown() && control.ended().toString().equals(record.checkpoint());
    }

    private void promote() throws SQLException {
        // Somebody may have started it since, even as a primary again: then the standby gets what it wrote, or is not
        // promoted. Where its log ends is known only when it was shut down cleanly.
        old.stop(work);
        StoppedServer.Control control = old.control(work);
        if (!old.isFenced() && !control.isCleanlyDown()) {
            throw new OperatorException(
                    "somebody has started '" + record.from() + "' as a primary since, and '" + record.from()
                            + "' was not shut down cleanly: " + control.state(),
                    "start it, so that it recovers and '" + record.to() + "' gets what it has written.");
        }
        old.fence();
        String end = control.ended().toString();
        await(
                "'" + record.to() + "' has not got all of the log of '" + record.from() + "', up to " + end,
                () -> hasReplayedPast(end));
        try (Session standby = to().open(work)) {
            boolean waiting = standby.one("select pg_is_in_recovery()", row -> row.getBoolean(1));
            if (waiting) {
                standby.query("select pg_promote(true, ?)", (int) record.seconds());
            }
        }
        await("'" + record.to() + "' does not take writes yet", () -> takesWrites(to()));
        if (stoppedAt != 0) {
            downtime = Duration.ofNanos(System.nanoTime() - stoppedAt);
        }
        try (Session primary = to().open(work)) {
            // pg_rewind and the old primary go by what is on disk.
            primary.update("CHECKPOINT");
        }
    }

    private boolean takesWrites(Database database) throws SQLException {
        try (Session session = database.open(work)) {
            return session.one("select not pg_is_in_recovery()", row -> row.getBoolean(1));
        }
    }

    /** A standby that cannot be reached now does not keep the old primary from coming back. */
    private void repoint() {
        for (String name : record.repoint()) {
            try (Session standby = databases.apply(name).open(work)) {
                ConnInfo conninfo = ConnInfo.parse(primaryConninfo(standby));
                String text = conninfo.leadingTo(
                                record.address(),
                                conninfo.word("application_name").orElse(name))
                        .text();
                writeConninfo(standby, text);
            } catch (SQLException | RuntimeException e) {
                notes.add("standby '" + name + "' still follows the old primary: " + e.getMessage());
            }
        }
    }

    private void rejoin() throws SQLException {
        if (old.isRunning(work) && !old.isFenced()) {
            // Only by a person's doing: started as a primary beside the new one.
            old.stop(work);
        }
        old.fence();
        if (!old.isRunning(work)) {
            Divergence.of(old.control(work), to(), work).ifPresent(this::rewind);
            old.start(work);
        }
        await(
                "'" + record.from() + "' does not stream from '" + record.to() + "' yet; its log is in "
                        + record.dataDirectory() + " or where it logs to",
                this::streamsBack);
    }

    private boolean streamsBack() throws SQLException {
        try (Session primary = to().open(work)) {
            return primary.one(
                    "select exists (select from pg_stat_replication where application_name = ? and state = 'streaming')",
                    row -> row.getBoolean(1),
                    record.from());
        }
    }

    private void rewind(Divergence divergence) {
        if (!record.rewind()) {
            throw new OperatorException(
                    "'" + record.from() + "' " + divergence.words(),
                    "save what it has written if it matters, then say rewind true: pg_rewind throws it away.");
        }
        if (!divergence.clean()) {
            throw new OperatorException(
                    "'" + record.from() + "' " + divergence.words() + ", and was not shut down cleanly",
                    "make it again from a base backup.");
        }
        old.rewind(to().settings(), work);
        notes.add("pg_rewind threw away what '" + record.from() + "' had written alone: it " + divergence.words());
    }

    /** Slots of the old primary hold its log back for standbys that read elsewhere now. Those that may still be needed there stay. */
    private void tidy() {
        List<String> unread = new ArrayList<>();
        if (record.toSlot() != null) {
            unread.add(record.toSlot());
        }
        record.repoint().forEach(name -> slotLeftBy(name).ifPresent(unread::add));
        try (Session standby = from().open(work)) {
            boolean same = standby.one(
                    "select pg_is_in_recovery() and current_setting('data_directory') = ?",
                    row -> row.getBoolean(1),
                    record.dataDirectory());
            for (String slot : unread) {
                if (same) {
                    await("slot " + slot + " is still read from", () -> drop(standby, slot));
                } else {
                    notes.add("slot " + slot + " may be left on the old primary, which '" + record.from()
                            + "' does not lead to any more");
                }
            }
        } catch (SQLException | RuntimeException e) {
            notes.add("slots " + String.join(", ", unread) + " may be left on the old primary: " + e.getMessage());
        }
        notes.add("the configuration still calls '" + record.from()
                + "' the primary: swap standbyOf, or name both hosts in one address"
                + " with targetServerType=primary");
    }

    /** The slot of a repointed standby that it reads on the new primary now, and on the old one no more; empty for none. */
    private Optional<String> slotLeftBy(String name) {
        try (Session standby = databases.apply(name).open(work)) {
            String slot = standby.one("select current_setting('primary_slot_name')", row -> row.getString(1));
            ConnInfo conninfo = ConnInfo.parse(primaryConninfo(standby));
            if (!record.oldSlots().contains(slot)) {
                return Optional.empty();
            }
            if (!conninfo.leadsTo(record.address())) {
                // It goes on with its slot of the old primary. The other would keep log for nobody.
                if (record.slots().contains(slot)) {
                    try (Session primary = to().open(work)) {
                        drop(primary, slot);
                    }
                }
                return Optional.empty();
            }
            await(
                    "it does not stream from there yet",
                    () -> standby.one(
                            "select exists (select from pg_stat_wal_receiver where status = 'streaming' and slot_name = ?"
                                    + " and sender_host = ? and sender_port = ?)",
                            row -> row.getBoolean(1),
                            slot,
                            conninfo.word("host").orElse(""),
                            Integer.parseInt(conninfo.word("port").orElse("0"))));
            return Optional.of(slot);
        } catch (SQLException | RuntimeException e) {
            notes.add("standby '" + name + "' was not seen to stream from '" + record.to()
                    + "', so its slot stays on both servers and keeps log there: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Drops a slot that nobody reads. @return false when somebody does */
    private static boolean drop(Session session, String slot) throws SQLException {
        session.query(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ? and not active",
                slot);
        return session.one(
                "select not exists (select from pg_replication_slots where slot_name = ?)",
                row -> row.getBoolean(1),
                slot);
    }

    private OperatorException giveUp(Exception cause) {
        boolean cancelled = cause instanceof WorkCancelledException;
        work = Work.unattended("watchkeeper switchover");
        try {
            back(stoppedAt != 0);
        } catch (SQLException | RuntimeException e) {
            return new OperatorException(
                    "switchover " + record.title() + " failed: " + cause.getMessage()
                            + "; and it could not be taken back: " + e.getMessage(),
                    e instanceof OperatorException known && known.hint() != null
                            ? known.hint()
                            : "'" + record.to() + "' was not promoted by this: start '" + record.from()
                                    + "' after removing standby.signal from " + record.dataDirectory()
                                    + ", or run the same again.",
                    cause);
        }
        if (cancelled) {
            throw (WorkCancelledException) cause;
        }
        return new OperatorException(
                "switchover " + record.title() + " failed: " + cause.getMessage() + "; '" + record.from()
                        + "' is the primary again",
                cause instanceof OperatorException known ? known.hint() : null,
                cause);
    }

    /** Gives the role back. */
    SwitchoverResult back() throws SQLException {
        return back(false);
    }

    /** @param stoppedByThis whether this run itself has just stopped the old primary, so that nobody has had the time to promote another */
    private SwitchoverResult back(boolean stoppedByThis) throws SQLException {
        if (!record.step().canGoBack()) {
            throw new OperatorException(
                    "it is too late to take back switchover " + record.title() + ": '" + record.to()
                            + "' may have been told to take writes",
                    "run it again, it goes on where it is; then hand the role back by another switchover.");
        }
        standbyIsNone(stoppedByThis);
        if (old.isFenced()) {
            old.stop(work);
            old.unfence();
        }
        startAgain();
        try (Session primary = from().open(work)) {
            for (SwitchoverRecord.Setting setting : record.settings()) {
                new SystemSetting(setting.name()).write(primary, setting.before());
            }
        }
        dropSlots();
        record.delete(state);
        return new SwitchoverResult(record.from(), record.to(), "back", steps, null, notes);
    }

    /** Also when it is found on its way down, where it may wait for a standby that does not answer. */
    private void startAgain() throws SQLException {
        long until = System.nanoTime() + SHUTDOWN_PATIENCE.toNanos();
        boolean[] hurried = {false};
        // A primary that is down is brought back even by one who was in a hurry.
        await(
                patience().compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : patience(),
                "'" + record.from() + "' does not take writes yet",
                () -> {
                    if (!hurried[0] && record.step() != SwitchoverStep.PREPARING && System.nanoTime() > until) {
                        hurried[0] = true;
                        old.stopAtOnce(work);
                    }
                    old.start(work);
                    return takesWrites(from());
                });
    }

    /**
     * Was it promoted by somebody else, the old primary must not come up beside it. One that is away may have been, by people who found
     * the old primary down.
     */
    private void standbyIsNone(boolean stoppedByThis) throws SQLException {
        boolean promoted;
        try {
            promoted = takesWrites(to());
        } catch (OperatorException e) {
            if (stoppedByThis || (!old.isFenced() && old.isRunning(work))) {
                return;
            }
            throw new OperatorException(
                    "nobody knows whether '" + record.to() + "' was promoted while '" + record.from() + "' was down: "
                            + e.getMessage(),
                    "let '" + record.to() + "' be reached. If it is known to be no primary, remove standby.signal from "
                            + record.dataDirectory() + ", start '" + record.from() + "', and take the switchover back.",
                    e);
        }
        if (promoted) {
            throw new OperatorException(
                    "'" + record.to() + "' takes writes: somebody has promoted it",
                    "go forward: run the switchover again.");
        }
    }

    private void dropSlots() {
        try (Session standby = to().open(work)) {
            for (String slot : record.slots()) {
                drop(standby, slot);
            }
        } catch (SQLException | RuntimeException e) {
            notes.add("slots " + String.join(", ", record.slots()) + " are left on '" + record.to() + "': "
                    + e.getMessage());
        }
    }

    /**
     * Whether somebody has taken the fence down that the old primary has from the promotion on: they have decided otherwise. It is down for a
     * while by pg_rewind, too, and stays so where that dies.
     */
    boolean isTakenInHand() {
        return !old.isFenced() && (!old.isRewinding() || old.isRunning(work));
    }

    private void await(String otherwise, Condition condition) throws SQLException {
        await(patience(), otherwise, condition);
    }

    private void await(Duration limit, String otherwise, Condition condition) throws SQLException {
        long until = System.nanoTime() + limit.toNanos();
        Optional<Exception> last = Optional.empty();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (OperatorException | SQLException e) {
                // It may be starting up.
                last = Optional.of(e);
            }
            if (System.nanoTime() > until) {
                throw new OperatorException(
                        otherwise + last.map(e -> " (" + e.getMessage() + ")").orElse(""), null, last.orElse(null));
            }
            Pause.of(Duration.ofMillis(100), work);
        }
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }
}
