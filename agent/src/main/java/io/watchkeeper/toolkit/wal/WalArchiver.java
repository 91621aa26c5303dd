package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sees to it that the log of a database's cluster is archived, and says how far the archive is and what is wrong with it. */
public final class WalArchiver {

    private static final Duration LOOK = Duration.ofMillis(200);

    /** A receiver that does not even begin is not waited for as long as one that is behind. */
    private static final Duration TO_BEGIN = Duration.ofSeconds(10);

    private final Database database;
    private final WalArchive archive;
    private final WalReceivers receivers;
    private final Work work;
    private final Clock clock;
    private final @Nullable WalStart newestBackup;
    private final long began = System.nanoTime();

    /**
     * @param newestBackup where the newest good base backup begins: what is missing before it fails nothing; null when there is none
     */
    public WalArchiver(
            Database database,
            WalArchive archive,
            WalReceivers receivers,
            Work work,
            Clock clock,
            @Nullable WalStart newestBackup) {
        this.database = database;
        this.archive = archive;
        this.receivers = receivers;
        this.work = work;
        this.clock = clock;
        this.newestBackup = newestBackup;
    }

    /**
     * Makes sure that the log is archived, waits until the archive has everything that the server has now, and looks at all of it.
     *
     * @return also when something is wrong with it, see {@link WalArchiveResult#problem}
     * @throws OperatorException when it cannot be archived at all
     */
    public WalArchiveResult archive(WalArchivePlan plan) throws SQLException {
        if (plan.method() == WalArchivePlan.Method.COMMAND) {
            ArchiveCommand command = new ArchiveCommand(database, archive, work, clock);
            return command.archive(plan, newestBackup, began);
        }
        try (Session session = database.open(work)) {
            ServerWal first = ServerWal.read(session, plan.slot());
            requireSameCluster(first);
            Optional<WalReceiver> ours = receivers.ensure(database, archive, plan);
            try {
                WalArchivePlan effective = ours.isPresent() ? plan : ofTheOther(plan);
                ServerWal now = await(session, effective, ours.orElse(null), first.end());
                return judge(effective, ours.orElse(null), now, first.end());
            } finally {
                if (!receivers.keepRunning() && ours.isPresent()) {
                    receivers.stop(database.name());
                }
            }
        }
    }

    private void requireSameCluster(ServerWal server) {
        ArchiveRecord.read(archive)
                .ifPresent(record -> record.requireCluster(database.name(), archive, server.systemId()));
    }

    /** Another process receives: by the slot that it has noted. */
    private WalArchivePlan ofTheOther(WalArchivePlan plan) {
        String slot = ArchiveRecord.read(archive).map(ArchiveRecord::slot).orElse(null);
        return slot == null
                ? plan
                : new WalArchivePlan(
                        plan.method(),
                        slot,
                        plan.form(),
                        plan.maxRetained(),
                        plan.dropSlotOver(),
                        plan.minFree(),
                        plan.patience(),
                        plan.replaceCommand(),
                        plan.bin());
    }

    private ServerWal await(Session session, WalArchivePlan plan, @Nullable WalReceiver ours, Lsn target)
            throws SQLException {
        long start = System.nanoTime();
        while (true) {
            work.throwIfCancelled();
            ServerWal now = ServerWal.read(session, plan.slot());
            if (hasReached(now, target)) {
                return now;
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            boolean hopeless = ours != null && ours.status().view().problem() != null && waited.compareTo(TO_BEGIN) > 0;
            if (hopeless || waited.compareTo(plan.patience()) > 0) {
                return now;
            }
            pause();
        }
    }

    private boolean hasReached(ServerWal now, Lsn target) {
        ServerWal.Slot slot = now.slot();
        return slot != null
                && isOurs(slot)
                && slot.flushed() != null
                && slot.flushed().compareTo(target) >= 0;
    }

    private boolean isOurs(ServerWal.Slot slot) {
        return ArchiveRecord.read(archive)
                .map(record -> record.applicationName().equals(slot.servedTo()))
                .orElse(false);
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
            throw new OperatorException("the wait for the archive was interrupted", null, e);
        }
    }

    private WalArchiveResult judge(WalArchivePlan plan, @Nullable WalReceiver ours, ServerWal now, Lsn target) {
        ArchiveVerdict verdict = new ArchiveVerdict(database.name(), archive, newestBackup);
        ReceiverStatus.View view = ours == null ? null : ours.status().view();
        ServerWal.Slot slot = now.slot();
        boolean reached = hasReached(now, target);
        if (view != null && !reached) {
            verdict.add(view.problem());
        }
        if (view != null) {
            verdict.add(view.moveProblem());
        }
        if (!reached) {
            verdict.add(behind(plan, ours, now, target));
        }
        if (slot != null && slot.retained() > plan.maxRetained().count()) {
            verdict.add(
                    new OperatorException(
                            ArchiveFacts.overGuard(database.name(), plan, slot),
                            "the server's disk fills up until the archive takes it: make room in " + archive.folder()
                                    + " or mend the link; or give the log up: dropSlotOver, or end true, and a new base backup."));
        }
        verdict.lookAtFiles();
        return new WalArchiveResult(
                database.name(),
                ArchiveRecord.STREAM,
                plan.slot(),
                archive.folder(),
                slot != null && slot.isActive(),
                now.timeline(),
                slot == null ? null : slot.flushed(),
                verdict.segments(),
                reached && !now.standby() ? clock.instant() : recoverableTo(),
                Bytes.of(now.lag()),
                Bytes.of(slot == null ? 0 : slot.retained()),
                verdict.missing(),
                verdict.gaps(),
                view == null ? 0 : view.starts(),
                verdict.notes(),
                Duration.ofNanos(System.nanoTime() - began),
                verdict.failure());
    }

    private java.time.@Nullable Instant recoverableTo() {
        return receivers
                .state(database.name(), archive, newestBackup == null ? null : newestBackup.position())
                .map(io.watchkeeper.protection.WalState::recoverableTo)
                .orElse(null);
    }

    private OperatorException behind(WalArchivePlan plan, @Nullable WalReceiver ours, ServerWal now, Lsn target) {
        ServerWal.Slot slot = now.slot();
        String holder =
                ours != null ? "" : "; " + WalReceivers.holder(archive).orElse("another process") + " receives it";
        String where = slot == null || slot.flushed() == null ? "at no known position" : "at " + slot.flushed();
        return new OperatorException(
                "the archive of '" + database.name() + "' is behind: the server was at " + target + ", and after "
                        + DurationText.say(plan.patience()) + " the archive is " + where + ", "
                        + Bytes.of(now.lag()) + " behind" + holder,
                "look at the link and at the load of the disk of " + archive.folder()
                        + "; nothing is lost as long as slot " + plan.slot() + " keeps it.");
    }

    /** What {@link #archive} would do. */
    public List<PlannedAction> describe(WalArchivePlan plan) throws SQLException {
        if (plan.method() == WalArchivePlan.Method.COMMAND) {
            return new ArchiveCommand(database, archive, work, clock).describe(plan);
        }
        try (Session session = database.open(work)) {
            ServerWal server = ServerWal.read(session, plan.slot());
            requireSameCluster(server);
            List<PlannedAction> actions = new ArrayList<>();
            if (server.slot() == null) {
                actions.add(action(
                        "select pg_create_physical_replication_slot('" + plan.slot() + "', true)",
                        "from now on the server keeps its log for the archive, up to " + plan.maxRetained()
                                + " without complaint"));
            }
            String free = FreeSpace.of(archive.folder())
                    .map(b -> ", " + b + " free there")
                    .orElse("");
            actions.add(action(
                    "START_REPLICATION SLOT " + plan.slot() + " PHYSICAL",
                    "pg_receivewal --synchronous into " + archive.folder() + ", segments " + plan.form()
                            + ", stops below minFree " + plan.minFree() + free
                            + (receivers.keepRunning()
                                    ? "; goes on when the run is over"
                                    : "; until the archive has all")));
            return actions;
        }
    }

    /**
     * Ends the archive: nothing is received any more, the slot goes, and archive_command is as it was before. What is archived stays.
     * Nothing happens when there is none.
     */
    public WalArchiveResult end(WalArchivePlan plan) throws SQLException {
        List<String> notes = new ArrayList<>();
        receivers.stop(database.name());
        ArchiveRecord record = ArchiveRecord.read(archive).orElse(null);
        Optional<String> holder = WalReceivers.holder(archive);
        if (holder.isPresent()) {
            throw new OperatorException(
                    "the log of '" + database.name() + "' is received by " + holder.get(),
                    "let the agent end it: watchkeeper trigger NAME runs this runbook there.");
        }
        if (record != null && !record.method().equals(ArchiveRecord.ENDED)) {
            try (Session session = database.open(work)) {
                endNow(session, record, notes);
            }
        }
        ArchiveVerdict verdict = new ArchiveVerdict(database.name(), archive, newestBackup);
        return new WalArchiveResult(
                database.name(),
                ArchiveRecord.ENDED,
                null,
                archive.folder(),
                false,
                0,
                null,
                verdict.segments(),
                null,
                Bytes.of(0),
                Bytes.of(0),
                List.of(),
                verdict.gaps(),
                0,
                notes,
                Duration.ofNanos(System.nanoTime() - began),
                null);
    }

    private void endNow(Session session, ArchiveRecord before, List<String> notes) throws SQLException {
        ArchiveRecord record = before;
        String slot = record.slot();
        if (!record.hasOpenGap()) {
            ServerWal server = ServerWal.read(session, slot == null ? "" : slot);
            record = record.withGap(
                    new WalGap(clock.instant().toString(), server.end().toString(), null, "the archive was ended"));
            record.write(archive);
        }
        if (slot != null) {
            new WalSlot(session, slot).drop(record.applicationName());
            notes.add("dropped slot " + slot);
            record = record.withSlot(null);
            record.write(archive);
        }
        if (record.commandBefore() != null) {
            new ArchiveCommand(database, archive, work, clock).undo(session, record, notes);
            record = record.withCommandBefore(null);
        }
        record.withMethod(ArchiveRecord.ENDED).write(archive);
    }

    /** What {@link #end} would do. */
    public List<PlannedAction> describeEnd() {
        ArchiveRecord record = ArchiveRecord.read(archive).orElse(null);
        List<PlannedAction> actions = new ArrayList<>();
        if (record == null || record.method().equals(ArchiveRecord.ENDED)) {
            return actions;
        }
        if (record.slot() != null) {
            actions.add(action(
                    "select pg_drop_replication_slot('" + record.slot() + "')",
                    "the server keeps no log for the archive any more; what is in " + archive.folder() + " stays"));
        }
        if (record.commandBefore() != null) {
            actions.add(action(ArchiveCommand.undoing(record.commandBefore()), "archive_command is as it was before"));
        }
        return actions;
    }

    private PlannedAction action(String sql, String note) {
        return new PlannedAction(database.name(), sql, LockLevel.NONE, -1, -1, note);
    }
}
