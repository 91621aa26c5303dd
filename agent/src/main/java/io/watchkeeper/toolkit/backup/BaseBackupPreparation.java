package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Asks server, tools and repository what becomes of a plan, and refuses what cannot be done before anything is. */
final class BaseBackupPreparation {

    /** The first version whose server compresses, and whose pg_basebackup knows more than gzip. */
    private static final int MORE_COMPRESSION = 15;

    private final Database database;
    private final BackupSettings settings;
    private final Work work;
    private final BaseBackupPlan plan;
    private final List<String> notes = new ArrayList<>();

    BaseBackupPreparation(Database database, BackupSettings settings, Work work, BaseBackupPlan plan) {
        this.database = database;
        this.settings = settings;
        this.work = work;
        this.plan = plan;
    }

    /** @throws OperatorException when the backup cannot be made so */
    PreparedBaseBackup prepare(Catalogue catalogue) throws SQLException {
        try (Session session = database.open(work)) {
            BackedUpServer server = BackedUpServer.read(session);
            server.requireReady(database.name());
            Path program = PgBinaries.forClient(settings.bin(), server.major(), "pg_basebackup");
            int toolMajor = new PgBinaries(Objects.requireNonNull(program.getParent()))
                    .major()
                    .orElse(server.major());
            BaseBackupFormat format = format();
            CompressAt compressAt = compressAt(server, toolMajor, program, format);
            ParentBackup parent = null;
            if (plan.incremental()) {
                ParentBackup.requireIncremental(server, database.name(), toolMajor);
                ParentBackup.Found found = ParentBackup.find(catalogue, server, plan.fullAfter(), session);
                parent = found.parent();
                if (found.missing() != null) {
                    notes.add("whole, because " + found.missing());
                }
            }
            return new PreparedBaseBackup(
                    plan,
                    server,
                    program,
                    toolMajor,
                    PgCommand.of(program, "--version").run(work).output().strip(),
                    format,
                    compressAt,
                    settings.encryption(),
                    parent,
                    plan.verify() ? checkers(server, format) : null,
                    List.copyOf(notes));
        }
    }

    private BaseBackupFormat format() {
        BaseBackupFormat wanted = plan.format();
        if (settings.encryption() != null) {
            // Files that are encrypted one by one would still show how large each table is.
            if (wanted == BaseBackupFormat.PLAIN) {
                notes.add("tar instead of plain, because it is encrypted");
            }
            return BaseBackupFormat.TAR;
        }
        if (wanted != null) {
            return wanted;
        }
        return plan.compression() == Compression.NONE ? BaseBackupFormat.PLAIN : BaseBackupFormat.TAR;
    }

    private @Nullable CompressAt compressAt(
            BackedUpServer server, int toolMajor, Path program, BaseBackupFormat format) {
        Compression method = plan.compression();
        if (method == Compression.NONE) {
            return null;
        }
        boolean serverCan = server.major() >= MORE_COMPRESSION
                && toolMajor >= MORE_COMPRESSION
                && (method == Compression.GZIP || server.methods().contains(method.toString()));
        CompressAt where = plan.compressAt();
        if (where == null) {
            boolean travels =
                    format == BaseBackupFormat.PLAIN || !database.settings().local();
            where = serverCan && travels ? CompressAt.SERVER : CompressAt.CLIENT;
        }
        if (where == CompressAt.SERVER && !serverCan) {
            throw new OperatorException(
                    "the server of database '" + database.name() + "', PostgreSQL " + server.version()
                            + ", does not compress base backups by " + method,
                    server.major() < MORE_COMPRESSION
                            ? "servers do that from version 15 on: let this host compress (compressAt client)."
                            : "let this host compress (compressAt client), or choose " + offered(server, method) + ".");
        }
        if (where == CompressAt.CLIENT && format == BaseBackupFormat.PLAIN) {
            throw new OperatorException(
                    "a plain base backup is not compressed on this host",
                    "leave 'compress' out, or the format, which makes it a tar file.");
        }
        if (where == CompressAt.CLIENT) {
            requireMethodOfTool(program, toolMajor, method);
        } else if (format == BaseBackupFormat.PLAIN) {
            notes.add("compressed by " + method + " on its way only, because the format is plain");
        }
        return where;
    }

    private static String offered(BackedUpServer server, Compression not) {
        List<String> offered = new ArrayList<>(List.of("gzip"));
        server.methods().stream()
                .filter(method -> method.equals("lz4") || method.equals("zstd"))
                .filter(method -> !method.equals(not.toString()))
                .sorted()
                .forEach(offered::add);
        return String.join(" or ", offered);
    }

    /**
     * Which methods a pg_basebackup was built with is not told by any option of it. Asked for something that it refuses for another reason
     * afterwards, without connecting, it says whether it would have come so far.
     */
    private void requireMethodOfTool(Path program, int toolMajor, Compression method) {
        String wanted = method + (plan.level() == null ? "" : ":" + plan.level());
        if (toolMajor < MORE_COMPRESSION) {
            if (method != Compression.GZIP) {
                throw new OperatorException(
                        "pg_basebackup " + toolMajor + " compresses by gzip only, and not by " + method,
                        "compress gzip, or install PostgreSQL's client programs of version 15 or newer.");
            }
            return;
        }
        PgCommand.Result said = PgCommand.of(
                        program,
                        "--pgdata=/nonexistent",
                        "--format=tar",
                        "--compress=client-" + wanted,
                        "--waldir=none")
                .attempt(work, line -> {});
        if (!said.errors().contains("WAL directory")) {
            String why = said.errors().lines().findFirst().orElse("").replaceFirst("^pg_basebackup: error: ", "");
            throw new OperatorException(
                    "pg_basebackup on this host does not compress by " + wanted + ": " + why,
                    "choose another method or level, or install PostgreSQL's own packages of the programs.");
        }
    }

    private PgBinaries checkers(BackedUpServer server, BaseBackupFormat format) {
        String needed = format == BaseBackupFormat.PLAIN ? "pg_verifybackup" : "pg_waldump";
        return PgBinaries.forServer(settings.bin(), server.major())
                .filter(found -> Files.isExecutable(found.folder().resolve(needed)))
                .orElseThrow(() -> new OperatorException(
                        "no " + needed + " of PostgreSQL " + server.major()
                                + " on this host, which verifies the backup",
                        "apt install postgresql-" + server.major() + ", or have it not verified (verify false)."));
    }
}
