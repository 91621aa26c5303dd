package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs pg_dump and pg_dumpall, and writes what they say to a folder: compressed, encrypted and hashed on the way, so that of an encrypted
 * dump nothing readable touches the disk. Only the directory format is written by pg_dump itself, and must be: its jobs open their own
 * files. Those are encrypted one by one when it is done, which needs room for one file more and lets a restore decrypt just what it needs.
 */
final class DumpFiles {

    static final String GLOBALS = "globals.sql";

    private static final Pattern VERSION = Pattern.compile("(\\d+)[\\d.]*[a-z0-9]*");
    private static final int COMPRESSES_BY_ZSTD = 16;

    private final DatabaseSettings database;
    private final DumpPlan plan;
    private final @Nullable Encryption encryption;
    private final Path pgDump;
    private final Path pgDumpall;
    private final Work work;
    private final Map<String, String> hashes = new LinkedHashMap<>();

    /**
     * Finds the programs.
     *
     * @throws OperatorException when one is missing or too old, or pg_dump cannot compress as wished
     */
    DumpFiles(BackupSettings settings, DatabaseSettings database, int serverMajor, DumpPlan plan, Work work) {
        this.database = database;
        this.plan = plan;
        this.encryption = settings.encryption();
        this.pgDump = PgBinaries.forClient(settings.bin(), serverMajor, "pg_dump");
        this.pgDumpall = PgBinaries.forClient(settings.bin(), serverMajor, "pg_dumpall");
        this.work = work;
        requireCompression();
        filters();
    }

    private void requireCompression() {
        Compression wanted = plan.chosenCompression();
        boolean own = plan.format().compressesItself();
        if (own && (wanted == Compression.ZSTD || wanted == Compression.LZ4) && majorVersion() < COMPRESSES_BY_ZSTD) {
            throw new OperatorException(
                    "pg_dump " + version(pgDump) + " compresses format " + plan.format() + " by gzip only, and "
                            + wanted + " was wished for",
                    "use pg_dump 16 or newer, or 'format plain' or 'format tar', which are compressed by a program of their own.");
        }
    }

    private int majorVersion() {
        return Integer.parseInt(version(pgDump).split("[^0-9]", 2)[0]);
    }

    private String version(Path program) {
        Matcher version =
                VERSION.matcher(PgCommand.of(program, "--version").run(work).output());
        return version.find() ? version.group() : "0";
    }

    /** The programs used and their versions, for the manifest. */
    Map<String, String> tools() {
        Map<String, String> tools = new LinkedHashMap<>();
        tools.put("pg_dump", version(pgDump));
        return tools;
    }

    /** What pg_dump's own output goes through before it is written. */
    private List<PgCommand> filters() {
        List<PgCommand> filters = new ArrayList<>();
        if (!plan.format().compressesItself() && plan.chosenCompression() != Compression.NONE) {
            filters.add(plan.chosenCompression().compress());
        }
        if (encryption != null) {
            filters.add(encryption.encrypt());
        }
        return filters;
    }

    /** The name of the dump's file or folder, which says what was done to it. */
    String name() {
        String compressed =
                plan.format().compressesItself() ? "" : plan.chosenCompression().suffix();
        boolean whole = plan.format() != DumpFormat.DIRECTORY;
        return plan.format().file() + compressed + (encryption != null && whole ? Encryption.SUFFIX : "");
    }

    /** The command that dumps, as it is run. @param selection what is to be dumped, in which view */
    PgCommand command(List<String> selection, @Nullable Path folder) {
        PgCommand command = PgCommand.of(pgDump)
                .connect(database, work.applicationName())
                .arguments(
                        "--dbname=" + PgCommand.linkOptions(),
                        "--format=" + plan.format(),
                        "--lock-wait-timeout=" + plan.lockTimeout().toMillis(),
                        "--verbose",
                        "--no-password");
        selection.forEach(command::arguments);
        if (folder != null) {
            command.arguments("--file=" + folder.resolve(plan.format().file()), "--jobs=" + plan.jobs());
        }
        if (plan.format().compressesItself()) {
            switch (plan.chosenCompression()) {
                case NONE -> command.arguments("--compress=0");
                case GZIP -> {
                    // Its own choice.
                }
                default -> command.arguments("--compress=" + plan.chosenCompression());
            }
        }
        return command;
    }

    /** SHA-256 of the files that were hashed while they were written, by path below the folder. */
    Map<String, String> hashes() {
        return hashes;
    }

    /** Dumps into the folder. */
    void write(Path folder, List<String> selection, DumpProgress progress) {
        prepare(folder);
        if (plan.format() == DumpFormat.DIRECTORY) {
            command(selection, folder).run(work, progress::said);
            if (encryption != null) {
                encryptFiles(folder, encryption);
            }
            return;
        }
        List<PgCommand> programs = new ArrayList<>(List.of(command(selection, null)));
        programs.addAll(filters());
        hashes.put(name(), write(programs, folder.resolve(name()), progress));
    }

    /** A dump holds what tables protect by grants. */
    private static void prepare(Path folder) {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            FolderOwner.give(folder);
        } catch (IOException e) {
            throw new OperatorException(folder + " cannot be kept from others: " + e.getMessage(), null, e);
        }
    }

    private String write(List<PgCommand> programs, Path file, DumpProgress progress) {
        try (Pipeline pipeline = Pipeline.of(programs, work, progress::said)) {
            String hash = HashedFile.write(pipeline.output(), file, work, progress::wrote);
            pipeline.requireSuccess();
            return hash;
        }
    }

    private void encryptFiles(Path folder, Encryption by) {
        for (Path file : files(folder.resolve(plan.format().file()))) {
            Path encrypted = file.resolveSibling(file.getFileName() + Encryption.SUFFIX);
            String hash = write(List.of(by.encrypt().input(file)), encrypted, DumpProgress.NONE);
            hashes.put(folder.relativize(encrypted).toString(), hash);
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new OperatorException(file + " cannot be removed: " + e.getMessage(), null, e);
            }
        }
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (IOException e) {
            throw new OperatorException(folder + " cannot be read: " + e.getMessage(), null, e);
        }
    }

    /**
     * Writes roles, memberships and tablespaces beside the dump.
     *
     * @param passwords whether the role may read the hashes of passwords
     */
    void writeGlobals(Path folder, boolean passwords) {
        PgCommand command = globals(passwords);
        List<PgCommand> programs = new ArrayList<>(List.of(command));
        if (encryption != null) {
            programs.add(encryption.encrypt());
        }
        String name = GLOBALS + (encryption != null ? Encryption.SUFFIX : "");
        hashes.put(name, write(programs, folder.resolve(name), DumpProgress.NONE));
    }

    PgCommand globals(boolean passwords) {
        PgCommand command = PgCommand.of(pgDumpall)
                .connect(database, work.applicationName())
                .arguments("--dbname=" + PgCommand.linkOptions(), "--globals-only", "--no-password");
        return passwords ? command : command.arguments("--no-role-passwords");
    }
}
