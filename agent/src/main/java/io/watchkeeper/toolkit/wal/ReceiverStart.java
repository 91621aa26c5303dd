package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.ReplicationConnection;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out where a receiver has to begin so that nothing is left out, says so where that is impossible, and starts it there. */
final class ReceiverStart {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiverStart.class);

    private final Database database;
    private final WalArchive archive;
    private final WalArchivePlan plan;
    private final Work work;
    private final Clock clock;

    ReceiverStart(Database database, WalArchive archive, WalArchivePlan plan, Work work, Clock clock) {
        this.database = database;
        this.archive = archive;
        this.plan = plan;
        this.work = work;
        this.clock = clock;
    }

    /** Who the archive is of; begins it when there is none. */
    ArchiveRecord record(ServerWal server) {
        ArchiveRecord record = ArchiveRecord.read(archive).orElse(null);
        if (record == null) {
            record = ArchiveRecord.begin(server.systemId(), server.segmentSize(), ArchiveRecord.STREAM);
            record.write(archive);
        }
        record.requireCluster(database.name(), archive, server.systemId());
        if (!record.method().equals(ArchiveRecord.STREAM)) {
            if (record.commandBefore() != null) {
                throw new OperatorException(
                        "the log of '" + database.name() + "' is archived by its archive_command",
                        "end that first: walArchive('" + database.name()
                                + "') { end true }, then let this begin with method stream.");
            }
            record = record.withMethod(ArchiveRecord.STREAM);
            record.write(archive);
        }
        return record;
    }

    void makeFolders() {
        try {
            for (Path folder : List.of(archive.folder(), archive.incoming())) {
                if (!Files.isDirectory(folder)) {
                    Files.createDirectories(folder);
                    FolderOwner.give(folder);
                }
            }
        } catch (IOException e) {
            throw new OperatorException(
                    "the folder " + archive.incoming() + " cannot be made: " + e.getMessage(),
                    "backups.repository must be a folder that user '" + System.getProperty("user.name")
                            + "' may write to.",
                    e);
        }
    }

    /** Prepares the folder so that the receiver goes on where the archive ends. */
    void settle(ServerWal server, ArchiveRecord record, SegmentMover mover) throws SQLException, IOException {
        Incoming incoming = new Incoming(archive.incoming(), record.segmentSize());
        incoming.mendTorn();
        Optional<Incoming.File> newest = Incoming.newest(incoming.files());
        if (newest.isEmpty()) {
            Optional<WalSegment> archived = newestArchived(record);
            if (archived.isEmpty()) {
                beginAtSlot(server, incoming);
                return;
            }
            incoming.beginAt(archived.get().next());
            newest = Incoming.newest(incoming.files());
        }
        Incoming.File last = newest.orElseThrow();
        if (last.segment().timeline() != server.timeline()) {
            follow(server, record, last, incoming, mover);
        }
    }

    /** Servers before PostgreSQL 15 do not tell the receiver where its slot begins. */
    private static void beginAtSlot(ServerWal server, Incoming incoming) throws IOException {
        ServerWal.Slot slot = server.slot();
        if (server.major() < 15 && slot != null && slot.restart() != null) {
            WalSegment first = server.segmentAt(slot.restart());
            if (first.number() > 1) {
                incoming.beginAt(first);
            }
        }
    }

    private Optional<WalSegment> newestArchived(ArchiveRecord record) {
        return archive.files().stream()
                .filter(file -> file.kind() == ArchivedFile.Kind.SEGMENT)
                .flatMap(file -> file.segment(record.segmentSize()).stream())
                .max(Comparator.comparingLong(WalSegment::timeline).thenComparingLong(WalSegment::number));
    }

    /**
     * The server is on another timeline than the archive. If it left the archive's after what is archived, the receiver finds its way
     * by itself. If it left before, the end of the archive's timeline is none of its past, and the new one is received from where they part.
     */
    private void follow(
            ServerWal server, ArchiveRecord record, Incoming.File last, Incoming incoming, SegmentMover mover)
            throws SQLException, IOException {
        long ours = last.segment().timeline();
        if (ours > server.timeline()) {
            throw new OperatorException(
                    "database '" + database.name() + "' is on timeline " + server.timeline()
                            + ", and its archive has timeline " + ours + " already",
                    "this looks like an old primary that came back beside the new one: see to it that the address leads"
                            + " to the new one (several hosts with targetServerType=primary), or rewind the old one.");
        }
        TimelineHistory history = history(server.timeline());
        Optional<Lsn> left = history.leftAt(ours);
        if (left.isPresent() && last.nextStart().compareTo(left.get()) <= 0) {
            return;
        }
        if (left.isEmpty()) {
            begin(
                    server,
                    record,
                    mover,
                    last.nextStart(),
                    "timeline " + server.timeline() + " of the server does not come from timeline " + ours
                            + " of the archive");
            return;
        }
        LOG.warn(
                "{}: the server left timeline {} at {}, and the archive has it up to {}: what is after that point was lost when the"
                        + " standby was promoted, and stays in the archive under its old timeline",
                database.name(),
                ours,
                left.get(),
                last.nextStart());
        mover.setAside();
        long next = history.branches().stream()
                .map(TimelineHistory.Branch::timeline)
                .filter(timeline -> timeline > ours)
                .findFirst()
                .orElse(server.timeline());
        incoming.beginAt(WalSegment.at(next, left.get(), record.segmentSize()));
    }

    private TimelineHistory history(long timeline) throws SQLException {
        try (ReplicationConnection replication = ReplicationConnection.open(database, work)) {
            return TimelineHistory.parse(timeline, replication.timelineHistory(timeline));
        }
    }

    /** The server has removed what the receiver wants: goes on at what it still has, and says what is lost. */
    void beginAfterGap(Session session, ArchiveRecord record, SegmentMover mover, Lsn wanted) throws SQLException {
        WalSlot slot = new WalSlot(session, plan.slot());
        slot.drop(record.applicationName());
        slot.create();
        begin(
                ServerWal.read(session, plan.slot()),
                record,
                mover,
                wanted,
                "the server had removed its log before it was received");
    }

    private void begin(ServerWal server, ArchiveRecord record, SegmentMover mover, Lsn wanted, String reason) {
        ServerWal.Slot slot = server.slot();
        Lsn position = slot == null || slot.restart() == null ? server.end() : slot.restart();
        WalSegment first = server.segmentAt(position);
        WalGap gap = new WalGap(
                clock.instant().toString(), wanted.toString(), first.start().toString(), reason);
        // Recorded first: a gap that nobody knows of would be found by a restore.
        (record.hasOpenGap() ? record.withGapsEndingAt(first.start()) : record.withGap(gap)).write(archive);
        LOG.error("{}: the archive has a gap {}; make a new base backup", database.name(), gap);
        mover.setAside();
        try {
            new Incoming(archive.incoming(), record.segmentSize()).beginAt(first);
        } catch (IOException e) {
            throw new OperatorException("the receiver's folder cannot be written: " + e.getMessage(), null, e);
        }
    }

    /** The receiver, which dies with this process. */
    RunningCommand start(ServerWal server, ArchiveRecord record, Consumer<String> lines) {
        Path program = PgBinaries.forClient(plan.bin(), server.major(), "pg_receivewal");
        PgCommand command = PgCommand.of(
                        program,
                        "--directory=" + archive.incoming(),
                        "--slot=" + plan.slot(),
                        // What it reports to the server is on disk.
                        "--synchronous",
                        "--status-interval=1",
                        "--no-loop",
                        "--no-password",
                        "--verbose",
                        "--dbname=" + PgCommand.linkOptions())
                .connect(database.settings(), record.applicationName())
                .asOwnerOf(archive.incoming());
        if (database.settings().address().contains(",") && !server.standby()) {
            // Of several hosts the one that writes. "primary" would need a query, which old servers refuse here.
            command.environment("PGTARGETSESSIONATTRS", "read-write");
        }
        return command.start(lines);
    }
}
