package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds restore points, whose names stand in the WAL and nowhere else. */
final class RestorePoints {

    private final RestoreSource source;
    private final String database;
    private final BackupSettings settings;
    private final Work work;

    RestorePoints(RestoreSource source, String database, BackupSettings settings, Work work) {
        this.source = source;
        this.database = database;
        this.settings = settings;
        this.work = work;
    }

    /**
     * The newest backup that ended before the restore point. The WAL is read from the newest backup on, then from the one before
     * it, so that a young restore point is found soon.
     */
    Backup backupBefore(String name, List<Backup> newestFirst) throws IOException {
        @Nullable String readUpTo = null;
        for (Backup backup : newestFirst) {
            ArchivedLog log = source.log(backup);
            WalChain wal = WalChain.follow(log, backup.manifest());
            if (isIn(wal, name, readUpTo, backup, log)) {
                return backup;
            }
            readUpTo = wal.files().isEmpty() ? readUpTo : wal.files().get(0).name();
        }
        throw new OperatorException(
                "there is no restore point '" + name + "' in the archived WAL of " + database
                        + " that a good base backup leads to",
                "'select pg_create_restore_point(…)' makes one; recover to a time or an LSN instead.");
    }

    private boolean isIn(WalChain wal, String name, @Nullable String before, Backup backup, ArchivedLog log)
            throws IOException {
        Path scratch = Files.createTempDirectory("watchkeeper-wal");
        try {
            Path program =
                    PgBinaries.forClient(settings.bin(), backup.manifest().majorVersion(), "pg_waldump");
            String wanted = "RESTORE_POINT " + name;
            for (int i = 0; i < wal.files().size(); i++) {
                String segment = wal.files().get(i).name();
                if (segment.equals(before)) {
                    return false;
                }
                // A record may go on in the next segment, so there are always two.
                bring(log, segment, scratch);
                if (i + 1 < wal.files().size()) {
                    bring(log, wal.files().get(i + 1).name(), scratch);
                }
                WalSegment here = WalSegment.parse(segment, backup.manifest().walSegmentSize())
                        .orElseThrow(() -> new IllegalStateException(segment));
                boolean found = PgCommand.of(
                                program,
                                "--rmgr=XLOG",
                                "--path=" + scratch,
                                "--timeline=" + here.timeline(),
                                "--start=" + here.start(),
                                "--end=" + here.end())
                        // It complains where the log ends; what it has printed until then is what counts.
                        .attempt(work, line -> {})
                        .output()
                        .lines()
                        .anyMatch(line -> line.endsWith(wanted));
                if (found) {
                    return true;
                }
                Files.deleteIfExists(scratch.resolve(segment));
            }
            return false;
        } finally {
            FolderTree.delete(scratch);
        }
    }

    private static void bring(ArchivedLog log, String segment, Path scratch) throws IOException {
        if (!Files.exists(scratch.resolve(segment))) {
            log.fetch(segment, scratch.resolve(segment));
        }
    }
}
