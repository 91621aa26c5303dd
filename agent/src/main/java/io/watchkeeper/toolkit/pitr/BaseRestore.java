package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Brings a data directory back from a backup, or from a chain of them, as it was when the backup ended. */
final class BaseRestore {

    private static final int WORKERS = 4;
    private static final int COMBINES_SINCE = 17;

    private final BackupSettings settings;
    private final List<Backup> chain;
    private final Work work;

    BaseRestore(BackupSettings settings, List<Backup> chain, Work work) {
        this.settings = settings;
        this.chain = chain;
        this.work = work;
    }

    /** The programs of the server's own version: nothing else can read its files. */
    static PgBinaries programs(BackupSettings settings, Backup backup) {
        int major = backup.manifest().majorVersion();
        return PgBinaries.forServer(settings.bin(), major)
                .orElseThrow(() -> new OperatorException(
                        "backup " + backup.id() + " is of PostgreSQL " + major
                                + ", and this host has no server programs of that version",
                        "apt install postgresql-" + major + ", or set postgres.bin to the folder that holds them."));
    }

    /**
     * Brings everything.
     *
     * @param data an empty folder
     * @param tablespaces where tablespaces go, each in a folder named by its number
     * @param scratch for the parts of a chain; on the same disk
     */
    void bring(Path data, Path tablespaces, Path scratch) throws IOException {
        if (chain.size() == 1) {
            unpack(chain.get(0), data, tablespaces);
        } else {
            combine(data, tablespaces, scratch);
        }
    }

    private void unpack(Backup backup, Path data, Path tablespaces) throws IOException {
        new BackupFiles(backup, settings.encryption(), work, WORKERS).bring(data, oid -> {
            Path folder = tablespaces.resolve(oid);
            Files.createDirectories(folder);
            return folder;
        });
        link(data, tablespaces);
        // Empty folders are no files, so a manifest does not list them.
        for (String name : FOLDERS) {
            Files.createDirectories(data.resolve(name));
        }
    }

    private static final List<String> FOLDERS = List.of(
            "pg_commit_ts",
            "pg_dynshmem",
            "pg_logical/mappings",
            "pg_logical/snapshots",
            "pg_multixact/members",
            "pg_multixact/offsets",
            "pg_notify",
            "pg_replslot",
            "pg_serial",
            "pg_snapshots",
            "pg_stat",
            "pg_stat_tmp",
            "pg_subtrans",
            "pg_tblspc",
            "pg_twophase",
            "pg_wal/archive_status",
            "pg_xact");

    /** PostgreSQL's own program puts the parts together, and checks that they fit. */
    private void combine(Path data, Path tablespaces, Path scratch) throws IOException {
        Backup newest = chain.get(chain.size() - 1);
        int major = newest.manifest().majorVersion();
        if (major < COMBINES_SINCE) {
            throw new OperatorException(
                    "backup " + newest.id() + " is incremental, which PostgreSQL " + major + " cannot put together",
                    "choose a whole backup.");
        }
        PgCommand command = PgCommand.of(programs(settings, newest).program("pg_combinebackup"), "--no-sync");
        for (int i = 0; i < chain.size(); i++) {
            Path part = Files.createDirectory(scratch.resolve("part" + i));
            Path itsTablespaces = scratch.resolve("part" + i + "-tablespaces");
            unpack(chain.get(i), part, itsTablespaces);
            if (i == chain.size() - 1 && Files.isDirectory(itsTablespaces)) {
                try (Stream<Path> all = Files.list(itsTablespaces)) {
                    for (Path one : all.toList()) {
                        command.arguments("--tablespace-mapping=" + one + "=" + tablespaces.resolve(one.getFileName()));
                    }
                }
            }
            command.arguments(part.toString());
        }
        Files.deleteIfExists(data);
        command.arguments("--output=" + data).run(work);
        try (Stream<Path> parts = Files.list(scratch)) {
            for (Path part : parts.toList()) {
                FolderTree.delete(part);
            }
        }
        // The map comes from the last part as it is, and leads to where that part had its tablespaces.
        link(data, tablespaces);
    }

    /** Else it is a mark, or what a file system has from its beginning. */
    private static boolean isTablespace(Path folder) {
        return folder.getFileName().toString().matches("\\d+");
    }

    /** Leads the server to the restored tablespaces, and never to those of the server that was backed up. */
    private static void link(Path data, Path tablespaces) throws IOException {
        Path links = data.resolve("pg_tblspc");
        if (Files.isDirectory(links)) {
            try (Stream<Path> all = Files.list(links)) {
                for (Path one : all.toList()) {
                    FolderTree.delete(one);
                }
            }
        }
        List<String> map = new ArrayList<>();
        if (Files.isDirectory(tablespaces)) {
            Files.createDirectories(links);
            try (Stream<Path> all = Files.list(tablespaces)) {
                for (Path one : all.filter(BaseRestore::isTablespace).toList()) {
                    Files.createSymbolicLink(links.resolve(one.getFileName()), one);
                    map.add(one.getFileName() + " " + one.toString().replace("\\", "\\\\"));
                }
            }
        }
        Path mapFile = data.resolve("tablespace_map");
        if (Files.exists(mapFile)) {
            Files.writeString(mapFile, map.isEmpty() ? "" : String.join("\n", map) + "\n");
        }
    }
}
