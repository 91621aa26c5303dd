package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the log of one database's cluster for as long as it is told to, whatever happens to the server, the link or the receiving
 * program: that is started again, with pauses that grow. Watches how far it is every few seconds, and guards the primary's disk and the
 * repository's. Whoever makes one holds the archive's lock until it is closed.
 */
final class WalReceiver implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WalReceiver.class);

    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    /** A receiver that was well for so long may be started again at once. */
    private static final Duration WELL = Duration.ofSeconds(10);

    /** Without a byte for so long although the server has some, the link is dead without anybody having noticed. */
    private static final Duration STUCK = Duration.ofSeconds(45);

    private static final Pattern REMOVED =
            Pattern.compile("requested WAL segment ([0-9A-F]{24}) has already been removed");

    private static final Pattern STARTING = Pattern.compile("starting log streaming at ([0-9A-F]+/[0-9A-F]+)");

    private final Database database;
    private final WalArchive archive;
    private final Clock clock;
    private final LockFile lock;
    private final ReceiverWork work;
    private final Thread supervisor;
    private final Thread movers;
    private final Semaphore toMove = new Semaphore(0);
    private final RecoveryPoint recoveryPoint = new RecoveryPoint();
    private final ReceiverStatus status = new ReceiverStatus();

    private volatile WalArchivePlan plan;
    /** Its monitor: one mover at a time, and none while the receiver's folder is prepared. */
    private final Object moveTurn = new Object();

    private @Nullable SegmentMover mover;
    private volatile @Nullable RunningCommand receiving;
    private volatile boolean startAgain;
    private volatile @Nullable Lsn streamsFrom;
    private Duration pause = FIRST_PAUSE;
    private long lastLook;
    private @Nullable Lsn lastFlushed;
    private long lastProgress;

    /** Begins to receive in threads of its own. @param lock of the archive, taken over */
    WalReceiver(Database database, WalArchive archive, WalArchivePlan plan, LockFile lock, Clock clock) {
        this.database = database;
        this.archive = archive;
        this.plan = plan;
        this.lock = lock;
        this.clock = clock;
        this.work = new ReceiverWork("watchkeeper wal archive");
        this.supervisor = thread("wal-receiver-" + database.name(), this::supervise);
        this.movers = thread("wal-mover-" + database.name(), this::keepMoving);
        lastLook = System.nanoTime() - LOOK.toNanos();
        lastProgress = System.nanoTime();
        supervisor.start();
        movers.start();
    }

    private static Thread thread(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        return thread;
    }

    boolean isAlive() {
        return supervisor.isAlive();
    }

    WalArchive archive() {
        return archive;
    }

    WalArchivePlan plan() {
        return plan;
    }

    ReceiverStatus status() {
        return status;
    }

    RecoveryPoint recoveryPoint() {
        return recoveryPoint;
    }

    /** Takes over other settings; the receiver is started again when it has to be. */
    void change(WalArchivePlan now) {
        WalArchivePlan before = plan;
        plan = now;
        if (!before.slot().equals(now.slot())
                || !before.form().options().equals(now.form().options())) {
            stopReceiving();
        }
    }

    private void supervise() {
        while (!work.isStopped()) {
            long began = System.nanoTime();
            try {
                receive();
            } catch (WorkCancelledException e) {
                LOG.debug("{}: told to stop", database.name());
            } catch (OperatorException e) {
                failed(e);
            } catch (SQLException | IOException | RuntimeException e) {
                failed(new OperatorException(
                        "the log of '" + database.name() + "' is not received: " + e.getMessage(), null, e));
            }
            if (System.nanoTime() - began > WELL.toNanos()) {
                pause = FIRST_PAUSE;
            }
            rest();
        }
    }

    private void failed(OperatorException problem) {
        if (!work.isStopped() && status.failed(problem)) {
            LOG.warn("{}: {}", database.name(), problem.getMessage());
        }
    }

    /** Waits before the next start, and looks at the server meanwhile: its disk fills up while nobody receives. */
    private void rest() {
        long until = System.nanoTime() + pause.toNanos();
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        try {
            while (!work.isStopped() && System.nanoTime() < until) {
                TimeUnit.MILLISECONDS.sleep(100);
                lookWhenDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts the receiver and stays with it until it ends, one way or the other. */
    private void receive() throws SQLException, IOException {
        ReceiverStart start = new ReceiverStart(database, archive, plan, work, clock);
        start.makeFolders();
        requireRoom();
        ServerWal server;
        ArchiveRecord record;
        SegmentMover moving;
        try (Session session = database.open(work)) {
            server = ServerWal.read(session, plan.slot());
            record = start.record(server);
            record = claimSlot(session, server, record);
            moving = new SegmentMover(archive, plan.form(), record, stage -> {});
            synchronized (moveTurn) {
                mover = null;
                moving.sweep();
                moving.move();
                start.settle(ServerWal.read(session, plan.slot()), record, moving);
                mover = moving;
            }
        }
        startAgain = false;
        lastProgress = System.nanoTime();
        try (RunningCommand running = start.start(server, record, this::said)) {
            receiving = running;
            watch(running);
            if (!work.isStopped() && !startAgain) {
                afterEnd(running, start, moving);
            }
        } finally {
            receiving = null;
            status.notStreaming();
            toMove.release();
        }
    }

    private ArchiveRecord claimSlot(Session session, ServerWal server, ArchiveRecord before) throws SQLException {
        ArchiveRecord record = before;
        String old = record.slot();
        if (old != null && !old.equals(plan.slot())) {
            // Nobody reads by it any more: it would keep the log until the disk is full.
            new WalSlot(session, old).drop(record.applicationName());
        }
        if (!plan.slot().equals(old)) {
            record = record.withSlot(plan.slot());
            record.write(archive);
        }
        boolean made = new WalSlot(session, plan.slot()).ensure(server, record);
        if (made) {
            LOG.info("{}: made slot {} for the archive of the log", database.name(), plan.slot());
        }
        return record;
    }

    private void watch(RunningCommand running) {
        try {
            while (running.isAlive() && !work.isStopped() && !startAgain) {
                TimeUnit.MILLISECONDS.sleep(100);
                lookWhenDue();
                if (!hasRoom()) {
                    running.close();
                    requireRoom();
                }
                if (System.nanoTime() - lastProgress > STUCK.toNanos()) {
                    running.close();
                    throw new OperatorException(
                            "no log of '" + database.name() + "' has arrived for " + STUCK.toSeconds()
                                    + " s although there is some",
                            "the link seems dead; the receiver is started again.");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void afterEnd(RunningCommand running, ReceiverStart start, SegmentMover moving) throws SQLException {
        Matcher removed = REMOVED.matcher(running.errors());
        ArchiveRecord record = ArchiveRecord.read(archive).orElseThrow();
        if (removed.find()) {
            Lsn wanted = WalSegment.parse(removed.group(1), record.segmentSize())
                    .orElseThrow()
                    .start();
            try (Session session = database.open(work)) {
                synchronized (moveTurn) {
                    start.beginAfterGap(session, record, moving, wanted);
                }
            }
        }
        throw ended(running);
    }

    /** Why it ended, without what it told while it was well. */
    private OperatorException ended(RunningCommand running) {
        String said = running.errors()
                .lines()
                .filter(line -> line.contains("error:") || line.startsWith("sudo: "))
                .map(line -> line.replaceFirst("^pg_receivewal: error: ", ""))
                .collect(Collectors.joining("; "));
        String hint = null;
        try {
            running.requireSuccess(work);
        } catch (OperatorException e) {
            hint = e.hint();
        }
        return new OperatorException(
                "the log of '" + database.name() + "' is not received: "
                        + (said.isEmpty() ? "pg_receivewal was ended" : said),
                hint);
    }

    private void said(String line) {
        Matcher start = STARTING.matcher(line);
        if (start.find()) {
            lastProgress = System.nanoTime();
            streamsFrom = Lsn.parse(start.group(1)).orElse(null);
            status.streaming();
        } else if (line.contains("finished segment at")) {
            toMove.release();
        } else if (line.contains("switched to timeline")) {
            LOG.info("{}: {}", database.name(), line);
            toMove.release();
        }
    }

    private void keepMoving() {
        try {
            while (!work.isStopped()) {
                if (toMove.tryAcquire(5, TimeUnit.SECONDS)) {
                    toMove.drainPermits();
                }
                moveNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void moveNow() {
        try {
            synchronized (moveTurn) {
                if (mover != null) {
                    status.moved(mover.move());
                }
            }
        } catch (OperatorException e) {
            if (status.moveFailed(e)) {
                LOG.warn("{}: {}", database.name(), e.getMessage());
            }
        } catch (RuntimeException e) {
            status.moveFailed(new OperatorException("received log cannot be moved: " + e.getMessage(), null, e));
            LOG.warn("{}: received log cannot be moved", database.name(), e);
        }
    }

    private void lookWhenDue() {
        if (System.nanoTime() - lastLook >= LOOK.toNanos()) {
            look();
        }
    }

    /** Asks the server where it is; nothing happens when it does not answer. */
    private void look() {
        lastLook = System.nanoTime();
        Instant before = clock.instant();
        try (Session session = database.tryOpen(work, LOOK).orElse(null)) {
            if (session == null) {
                // Everything else needs its connections more.
                lastProgress = System.nanoTime();
                return;
            }
            ServerWal server = ServerWal.read(session, plan.slot());
            // The end of a standby's log says nothing of what was committed meanwhile where it should have come from.
            if (!server.standby()) {
                recoveryPoint.serverWasAt(before, server.end());
            } else if (server.heard() != null) {
                recoveryPoint.primaryWasAt(
                        before.minus(server.heard().ago()), server.heard().end());
            }
            ServerWal.Slot slot = server.slot();
            Lsn flushed = slot == null ? null : slot.flushed();
            if (flushed != null && receiving != null) {
                recoveryPoint.archiveIsAt(flushed);
                endGap();
            }
            if (flushed == null || !flushed.equals(lastFlushed) || server.lag() == 0) {
                lastProgress = System.nanoTime();
            }
            lastFlushed = flushed;
            status.looked(server, flushed);
            guard(session, server);
            new ArchiveFacts(database.name(), archive, null).write(this, before);
        } catch (WorkCancelledException e) {
            LOG.debug("{}: told to stop while it was asked for its log", database.name());
        } catch (SQLException | OperatorException e) {
            status.lookFailed();
            LOG.debug("{} cannot be asked for its log: {}", database.name(), e.getMessage());
        }
    }

    /** The server has accepted where the receiver begins, so that it is known now what a gap has cost. */
    private void endGap() {
        Lsn from = streamsFrom;
        if (from == null) {
            return;
        }
        streamsFrom = null;
        ArchiveRecord record = ArchiveRecord.read(archive).orElseThrow();
        if (record.hasOpenGap()) {
            record.withGapsEndingAt(from).write(archive);
        }
    }

    /** Saves the primary's disk where that was asked for. */
    private void guard(Session session, ServerWal server) throws SQLException {
        Bytes limit = plan.dropSlotOver();
        ServerWal.Slot slot = server.slot();
        if (limit == null || slot == null || slot.retained() <= limit.count()) {
            return;
        }
        stopReceiving();
        ArchiveRecord record = ArchiveRecord.read(archive).orElseThrow();
        Lsn from = slot.flushed() != null ? slot.flushed() : slot.restart();
        String reason = "slot " + plan.slot() + " kept " + Bytes.of(slot.retained()) + " of log, more than " + limit
                + ", and was dropped to save the server's disk";
        // Recorded first: should the process die here, it says more than is true, and no restore relies on it.
        record.withGap(new WalGap(clock.instant().toString(), String.valueOf(from), null, reason))
                .write(archive);
        new WalSlot(session, plan.slot()).drop(record.applicationName());
        failed(new OperatorException(
                "the log of '" + database.name() + "' is not received: " + reason,
                "make room in " + archive.folder()
                        + " or mend the link; receiving goes on by itself then, and a new base backup is needed."));
    }

    private boolean hasRoom() {
        return FreeSpace.of(archive.folder())
                .map(free -> free.compareTo(plan.minFree()) >= 0)
                .orElse(true);
    }

    private void requireRoom() {
        if (!hasRoom()) {
            Optional<Bytes> free = FreeSpace.of(archive.folder());
            throw new OperatorException(
                    archive.folder() + " has " + free.map(Bytes::toString).orElse("no room")
                            + " free, less than minFree "
                            + plan.minFree() + ": nothing is received, and '" + database.name()
                            + "' keeps its log for slot " + plan.slot(),
                    "make room there (watchkeeper backup expire --dry-run says what may go): receiving goes on by itself.");
        }
    }

    private void stopReceiving() {
        RunningCommand running = receiving;
        if (running != null) {
            startAgain = true;
            running.close();
        }
    }

    /** Ends the receiver, waits until it has, and moves what is complete. The slot stays, and with it what the server keeps. */
    @Override
    public void close() {
        work.stop();
        stopReceiving();
        toMove.release();
        try {
            supervisor.join();
            movers.join();
            moveNow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.close();
        }
    }
}
