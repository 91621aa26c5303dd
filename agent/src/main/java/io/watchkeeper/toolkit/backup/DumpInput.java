package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dump as programs read it: decrypted and decompressed on the way. Where that is not possible, because several jobs read at different
 * places, it is decrypted into a folder of the agent's state, which goes when this is closed, or with the next {@link #sweep} if the
 * process dies.
 */
final class DumpInput implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DumpInput.class);
    private static final String PREFIX = "decrypted-";
    private static final String LOCK = ".lock";

    private final DumpFormat format;
    private final Compression compression;
    private final @Nullable Encryption encryption;
    private final Path stored;
    private final @Nullable Path readable;
    private final @Nullable LockFile lock;

    private DumpInput(
            DumpFormat format,
            Compression compression,
            @Nullable Encryption encryption,
            Path stored,
            @Nullable Path readable,
            @Nullable LockFile lock) {
        this.format = format;
        this.compression = compression;
        this.encryption = encryption;
        this.stored = stored;
        this.readable = readable;
        this.lock = lock;
    }

    /** In which format a dump is. */
    static DumpFormat format(Backup dump) {
        String format = dump.manifest().options().getOrDefault("format", "");
        try {
            return DumpFormat.valueOf(format.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new OperatorException("dump " + dump.id() + " is of an unknown format '" + format + "'", null, e);
        }
    }

    /**
     * Opens a dump.
     *
     * @param jobs how many are to read it at once
     * @throws OperatorException when it is encrypted and this host has no key
     */
    static DumpInput open(Backup dump, BackupSettings settings, int jobs, Work work) {
        DumpFormat format = format(dump);
        Encryption encryption = dump.manifest().encryption().isEmpty()
                ? null
                : Optional.ofNullable(settings.encryption()).orElse(new Encryption(List.of(), null));
        Compression compression =
                format.compressesItself() ? Compression.NONE : dump.manifest().compression();
        boolean whole = format != DumpFormat.DIRECTORY;
        Path stored = dump.folder()
                .resolve(format.file() + compression.suffix() + (encryption != null && whole ? Encryption.SUFFIX : ""));
        if (encryption == null) {
            Path readable = compression == Compression.NONE ? stored : null;
            return new DumpInput(format, compression, null, stored, readable, null);
        }
        encryption.identity();
        if (whole && (jobs == 1 || format != DumpFormat.CUSTOM)) {
            return new DumpInput(format, compression, encryption, stored, null, null);
        }
        return decrypted(dump, format, encryption, stored, settings, work);
    }

    private static DumpInput decrypted(
            Backup dump, DumpFormat format, Encryption by, Path stored, BackupSettings settings, Work work) {
        Path all = folder(settings);
        FreeSpace.require(all, Bytes.of(dump.manifest().bytes()), "decrypting " + dump.id());
        String name = PREFIX + dump.id() + "-" + ProcessHandle.current().pid();
        try {
            Files.createDirectories(all);
            LockFile lock = LockFile.tryAcquireTemporary(all.resolve(name + LOCK), "restore")
                    .orElseThrow(() -> new OperatorException(dump.id() + " is being decrypted already", null));
            Path plain = all.resolve(name);
            DumpInput input = new DumpInput(format, Compression.NONE, null, stored, plain.resolve(format.file()), lock);
            try {
                FolderTree.delete(plain);
                Files.createDirectory(
                        plain, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                if (Files.isDirectory(stored)) {
                    Files.createDirectory(plain.resolve(format.file()));
                    try (DirectoryStream<Path> files = Files.newDirectoryStream(stored)) {
                        for (Path file : files) {
                            decrypt(by, file, plain.resolve(format.file()).resolve(withoutSuffix(file)), work);
                        }
                    }
                } else {
                    decrypt(by, stored, plain.resolve(format.file()), work);
                }
                return input;
            } catch (IOException | RuntimeException e) {
                input.close();
                throw e;
            }
        } catch (IOException e) {
            throw new OperatorException("the dump cannot be decrypted into " + all + ": " + e.getMessage(), null, e);
        }
    }

    private static String withoutSuffix(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - Encryption.SUFFIX.length());
    }

    private static void decrypt(Encryption by, Path from, Path to, Work work) {
        try (Pipeline pipeline = Pipeline.of(List.of(by.decrypt().input(from)), work, line -> {})) {
            HashedFile.write(pipeline.output(), to, work, bytes -> {});
            pipeline.requireSuccess();
        }
    }

    DumpFormat format() {
        return format;
    }

    /** The programs that bring the dump to one that reads it, that one last. */
    List<PgCommand> readBy(PgCommand reader) {
        List<PgCommand> programs = new ArrayList<>();
        if (readable != null) {
            programs.add(format.isArchive() ? reader.arguments(readable.toString()) : reader.input(readable));
            return programs;
        }
        if (encryption != null) {
            programs.add(encryption.decrypt());
        }
        if (compression != Compression.NONE) {
            programs.add(compression.decompress());
        }
        programs.get(0).input(stored);
        programs.add(reader);
        return programs;
    }

    private static Path folder(BackupSettings settings) {
        return settings.state().resolve("scratch");
    }

    /** Removes what processes that are dead have decrypted. */
    static void sweep(BackupSettings settings) {
        Path all = folder(settings);
        if (!Files.isDirectory(all)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(all, PREFIX + "*")) {
            for (Path one : folders) {
                String name = String.valueOf(one.getFileName());
                if (!name.endsWith(LOCK)
                        && LockFile.holder(all.resolve(name + LOCK)).isEmpty()) {
                    FolderTree.delete(one);
                    LockFile.sweep(all.resolve(name + LOCK));
                    LOG.info("removed {}, which a process that ended has left", one);
                }
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be swept: {}", all, e.toString());
        }
    }

    @Override
    public void close() {
        if (lock == null) {
            return;
        }
        try (lock) {
            if (readable != null) {
                FolderTree.delete(readable.resolveSibling(".").normalize());
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be removed: {}", readable, e.toString());
        }
    }
}
