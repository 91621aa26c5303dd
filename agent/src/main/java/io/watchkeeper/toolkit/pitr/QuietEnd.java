package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.toolkit.wal.WalArchive;
import io.watchkeeper.toolkit.wal.WalReceivers;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a recovery reach a time at which the cluster was quiet. PostgreSQL ends a recovery to a time only when it finds a transaction
 * that ended later, and takes the log's end before that for a failure, which it may be: the rest may not have been archived. Where
 * it is known that nothing was committed between the last archived transaction and the target, the state after that transaction is
 * the state at the target, and recovery goes there instead. Where it is not known, the target stays, and fails.
 */
final class QuietEnd {

    private static final Logger LOG = LoggerFactory.getLogger(QuietEnd.class);

    /** More transactions than that since the log last told which were running are not looked up. */
    private static final long MOST = 10_000;

    private static final long XIDS = 1L << 32;

    // The statement's time is taken before its snapshot: what is committed by then is seen.
    private static final String ASK = """
            select statement_timestamp(), pg_is_in_recovery(),
                   (select system_identifier::text from pg_control_system()),
                   pg_snapshot_xmax(pg_current_snapshot())::text::bigint""";

    private final BackupSettings settings;
    private final WalArchive archive;
    private final @Nullable Database source;
    private final Work work;

    /** @param source the database that was backed up, which is asked when it can be reached; null for nobody */
    QuietEnd(BackupSettings settings, WalArchive archive, @Nullable Database source, Work work) {
        this.settings = settings;
        this.archive = archive;
        this.source = source;
        this.work = work;
    }

    /**
     * Where a recovery has to go to come to the target's state.
     *
     * @return the target itself, unless it lies in a quiet time that is known to be one
     */
    RecoveryTarget reachable(RecoveryTarget target, BackupManifest backup, WalChain wal, ArchiveEnd.Fetch fetch)
            throws IOException {
        if (!(target instanceof RecoveryTarget.AtTime at)
                || wal.missing() != null
                || wal.files().isEmpty()) {
            return target;
        }
        // Before the archive is read: what was in it then is in it now.
        Optional<WalReceivers.Received> received =
                WalReceivers.receivedUntil(archive).filter(one -> !one.until().isBefore(at.time()));
        Optional<ArchiveEnd> read = read(backup, wal, fetch);
        if (read.isEmpty() || !isTheEnd(wal.files())) {
            return target;
        }
        ArchiveEnd end = read.get();
        if (end.ended() != null && end.ended().isAfter(at.time())) {
            return target;
        }
        Lsn stop = backup.stopLsn();
        boolean inBackup = end.last() == null || (stop != null && end.last().compareTo(stop) < 0);
        Lsn last = inBackup ? null : end.last();
        // A copy of an archive can have the note and not yet the log.
        if (received.filter(one -> end.isReadTo(one.to())).isPresent()) {
            return new RecoveryTarget.AtQuietTime(
                    at.time(), last, end.ended(), "the archive's receiver had all until then");
        }
        return sourceHasNoMore(at.time(), backup, end)
                ? new RecoveryTarget.AtQuietTime(at.time(), last, end.ended(), "the database itself has no later one")
                : target;
    }

    private Optional<ArchiveEnd> read(BackupManifest backup, WalChain wal, ArchiveEnd.Fetch fetch) throws IOException {
        try {
            return ArchiveEnd.of(
                    wal.files(),
                    backup.walSegmentSize(),
                    PgBinaries.forClient(settings.bin(), backup.majorVersion(), "pg_waldump"),
                    fetch,
                    work);
        } catch (OperatorException e) {
            work.throwIfCancelled();
            // What is damaged may lie behind the target; recovery says so when it does not.
            LOG.debug("the end of the archive cannot be read: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** A chain can also end because the rest belongs to another past. */
    private boolean isTheEnd(List<ArchivedFile> chain) {
        String last = chain.get(chain.size() - 1).name();
        return archive.files().stream()
                .filter(f -> f.kind() == ArchivedFile.Kind.SEGMENT || f.kind() == ArchivedFile.Kind.PARTIAL)
                .noneMatch(f -> f.name().compareTo(last) > 0);
    }

    private boolean sourceHasNoMore(Instant time, BackupManifest backup, ArchiveEnd end) {
        Database asked = source;
        if (asked == null || end.oldestRunning() == null) {
            return false;
        }
        try (Session session = asked.open(work)) {
            State now = session.oneVerbatim(
                    ASK,
                    row -> new State(
                            row.getTimestamp(1).toInstant(), row.getBoolean(2), row.getString(3), row.getLong(4)));
            long oldest = now.full(end.oldestRunning());
            boolean comparable = !now.standby()
                    && now.systemId().equals(Long.toUnsignedString(backup.systemId()))
                    && !now.at().isBefore(time)
                    && now.nextXid() - oldest <= MOST;
            return comparable
                    && session
                            .listVerbatim(
                                    "select x from generate_series(" + oldest + "::bigint, " + (now.nextXid() - 1)
                                            + "::bigint) x where pg_xact_status(x::text::xid8) = 'committed'",
                                    row -> row.getLong(1))
                            .stream()
                            .allMatch(xid -> end.committed().contains(xid % XIDS));
        } catch (WorkCancelledException e) {
            throw e;
        } catch (SQLException | OperatorException e) {
            LOG.debug("{} cannot be asked what it has committed: {}", asked.name(), e.getMessage());
            return false;
        }
    }

    /** @param nextXid the first transaction that had not begun */
    private record State(Instant at, boolean standby, String systemId, long nextXid) {

        /** A transaction's number in 64 bits, of one that is not newer. */
        long full(long xid) {
            long here = nextXid - nextXid % XIDS + xid;
            return here > nextXid ? here - XIDS : here;
        }
    }
}
