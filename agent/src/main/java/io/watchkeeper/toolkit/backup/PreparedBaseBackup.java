package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A base backup as it will be made: what was wanted, made definite by what server, tools and configuration offer.
 *
 * @param program pg_basebackup
 * @param toolVersion as it says it
 * @param compressAt null without compression
 * @param encryption null for none
 * @param parent null for a whole backup
 * @param checkers programs of the server's version, which read its log; null when nothing is verified
 * @param notes what was chosen and a person might not expect
 */
record PreparedBaseBackup(
        BaseBackupPlan plan,
        BackedUpServer server,
        Path program,
        int toolMajor,
        String toolVersion,
        BaseBackupFormat format,
        @Nullable CompressAt compressAt,
        @Nullable Encryption encryption,
        @Nullable ParentBackup parent,
        @Nullable PgBinaries checkers,
        List<String> notes) {

    /** Where the files of tablespaces are in a plain backup, in a folder for each. */
    static final String TABLESPACES = "tablespaces";

    private static final Bytes FOR_MANIFESTS = Bytes.megabytes(1);

    BackupKind kind() {
        return parent == null ? BackupKind.BASE : BackupKind.INCREMENTAL;
    }

    /** As it lies in the repository: a plain backup is compressed on its way only. */
    Compression compression() {
        return format == BaseBackupFormat.PLAIN ? Compression.NONE : plan.compression();
    }

    /** Where pg_basebackup writes to, below the backup's folder. */
    String received() {
        return encryption != null ? "readable" : format == BaseBackupFormat.PLAIN ? "data" : "";
    }

    /** Room for it at the worst: nothing that can be compressed, and a tenth more log and growth while it is made. */
    Bytes needed() {
        long data = server.bytes();
        if (parent != null && parent.backup().manifest().startLsn() != null) {
            // A page that changes is whole in the log once after each checkpoint; some changes are not in the log.
            long log = server.position().minus(parent.backup().manifest().startLsn());
            data = Math.min(data, 4 * log + data / 20);
        }
        long once = data + data / 10 + 2 * server.walSegmentSize() + FOR_MANIFESTS.count();
        return Bytes.of(encryption != null ? 2 * once : once);
    }

    /** @param folder the backup's */
    PgCommand command(Path folder, String label) {
        Path target = folder.resolve(received());
        PgCommand command = PgCommand.of(
                program,
                "--pgdata=" + target,
                "--format=" + format,
                "--wal-method=stream",
                "--checkpoint=" + (plan.fastCheckpoint() ? "fast" : "spread"),
                "--label=" + label,
                // A sum that costs nothing; SHA-256 is made here, on a processor that has nothing else to do.
                "--manifest-checksums=CRC32C",
                "--no-password",
                "--dbname=" + PgCommand.linkOptions());
        if (encryption != null) {
            // What is written goes again.
            command.arguments("--no-sync");
        }
        if (plan.rateLimit() != null) {
            command.arguments("--max-rate=" + plan.rateLimit().count() / 1024 + "k");
        }
        compress(command);
        if (format == BaseBackupFormat.PLAIN) {
            for (BackedUpServer.Tablespace one : server.tablespaces()) {
                command.arguments("--tablespace-mapping=" + escaped(one.location()) + "="
                        + escaped(folder.resolve(TABLESPACES)
                                .resolve(String.valueOf(one.oid()))
                                .toString()));
            }
        }
        if (parent != null) {
            command.arguments("--incremental=" + parent.manifest());
        }
        return command;
    }

    private void compress(PgCommand command) {
        if (compressAt == null) {
            return;
        }
        if (toolMajor < 15) {
            command.arguments("--gzip");
            if (plan.level() != null) {
                command.arguments("--compress=" + plan.level());
            }
            return;
        }
        command.arguments("--compress=" + compressAt + "-" + plan.compression()
                + (plan.level() == null ? "" : ":" + plan.level()));
    }

    private static String escaped(String folder) {
        return folder.replace("=", "\\=");
    }
}
