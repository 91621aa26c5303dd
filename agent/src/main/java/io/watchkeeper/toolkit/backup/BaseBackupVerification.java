package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what arrived with what the server says it sent, and has PostgreSQL's own programs look at the rest: that the folder is a
 * data directory, and that its log can be read from where recovery begins to where the backup is consistent.
 */
final class BaseBackupVerification {

    private static final int NAMED = 5;

    /** What a tar file may hold that the server's manifest does not list. */
    private static final Set<String> UNLISTED =
            Set.of(ServerManifest.NAME, "postgresql.auto.conf", "recovery.signal", "standby.signal");

    private final PreparedBaseBackup prepared;
    private final PgBinaries checkers;
    private final Path folder;
    private final Work work;

    BaseBackupVerification(PreparedBaseBackup prepared, PgBinaries checkers, Path folder, Work work) {
        this.prepared = prepared;
        this.checkers = checkers;
        this.folder = folder;
        this.work = work;
    }

    /** @throws OperatorException when the backup is not what the server sent, or its log cannot be read */
    void verify(ReceivedBaseBackup received) {
        compare(received);
        if (prepared.format() == BaseBackupFormat.PLAIN) {
            PgCommand.of(
                            checkers.program("pg_verifybackup"),
                            "--skip-checksums",
                            "--exit-on-error",
                            "--quiet",
                            folder.resolve(prepared.received()).toString())
                    .run(work);
        } else {
            readLog(received.manifest());
        }
    }

    private static void compare(ReceivedBaseBackup received) {
        List<String> wrong = new ArrayList<>();
        Map<String, FileSum> arrived = received.sent();
        received.manifest().files().forEach((path, sent) -> {
            FileSum sum = arrived.get(path);
            String difference = sum == null ? "is missing" : sent.difference(sum);
            if (!difference.isEmpty()) {
                wrong.add(path + " " + difference);
            }
        });
        arrived.keySet().stream()
                .filter(path -> !received.manifest().files().containsKey(path))
                .filter(path -> !UNLISTED.contains(path) && !path.startsWith("pg_wal/"))
                .forEach(path -> wrong.add(path + " was not sent by the server"));
        if (!wrong.isEmpty()) {
            throw new OperatorException(
                    "the base backup is not what the server sent: "
                            + String.join("; ", wrong.subList(0, Math.min(NAMED, wrong.size())))
                            + (wrong.size() > NAMED ? "; and " + (wrong.size() - NAMED) + " more" : ""),
                    "look at the memory and the disk of this host, and make another backup.");
        }
    }

    /** pg_waldump reads files and no archive, so the log is unpacked for it. */
    private void readLog(ServerManifest manifest) {
        Path unpacked = folder.resolve("log");
        try {
            Files.createDirectory(unpacked);
            PgCommand.of(PgBinaries.onPath("tar", "tar"), "--extract", "--file=" + logFile(), "--directory=" + unpacked)
                    .run(work);
            for (ServerManifest.WalRange range : manifest.walRanges()) {
                PgCommand.of(
                                checkers.program("pg_waldump"),
                                "--quiet",
                                "--path=" + unpacked,
                                "--timeline=" + range.timeline(),
                                "--start=" + range.start(),
                                "--end=" + range.end())
                        .run(work);
            }
            FolderTree.delete(unpacked);
        } catch (IOException e) {
            throw new OperatorException(
                    "the backup's log cannot be unpacked to be read: " + e.getMessage(), "make room in " + folder, e);
        }
    }

    private Path logFile() throws IOException {
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(folder.resolve(prepared.received()), "pg_wal.tar*")) {
            for (Path one : found) {
                return one;
            }
        }
        throw new OperatorException("pg_basebackup has brought no log", "make another backup.");
    }
}
