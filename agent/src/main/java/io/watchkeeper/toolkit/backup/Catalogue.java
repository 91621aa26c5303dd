package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.WalArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backups of one database in the repository. What is in its folders is all there is to know: nothing else has to be kept with it, and
 * two processes see the same.
 */
public final class Catalogue {

    static final String MANIFEST = "manifest.json";
    static final String HASH = ".sha256";
    static final String EXPIRED = ".expired";

    private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path repository;
    private final Path folder;
    private final String database;
    private final Clock clock;

    Catalogue(Path repository, String database, Clock clock) {
        this.repository = repository;
        this.folder = repository.resolve(database);
        this.database = database;
        this.clock = clock;
    }

    /** As configured. */
    public String database() {
        return database;
    }

    public Path folder() {
        return folder;
    }

    Path backupsFolder() {
        return folder.resolve("backups");
    }

    Path makerFile(String id) {
        return folder.resolve("makers").resolve(id + ".lock");
    }

    /** Outcomes of drills, a document each. */
    public Path drillsFolder() {
        return folder.resolve("drills");
    }

    public WalArchive wal() {
        return new WalArchive(folder.resolve("wal"));
    }

    /** Every finished backup, damaged ones included, oldest first. What cannot be read is in it, damaged, as far as its name tells. */
    public List<Backup> backups() {
        List<Backup> backups = new ArrayList<>();
        ids().forEach(id -> entry(id).ifPresent(backups::add));
        backups.sort(Comparator.comparing(backup -> backup.manifest().startedAt()));
        return backups;
    }

    /** @throws OperatorException when there is none of this name */
    public Backup find(String id) {
        List<Backup> all = backups();
        return all.stream()
                .filter(backup -> backup.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new OperatorException(
                        "there is no backup '" + id + "' of " + database,
                        "watchkeeper backup list --database " + database + " names them."));
    }

    /** The names of all finished backups, also of those that cannot be read. */
    List<String> ids() {
        return list(backupsFolder()).stream()
                .map(one -> String.valueOf(one.getFileName()))
                .filter(name -> !name.endsWith(BackupDraft.SUFFIX) && !name.endsWith(EXPIRED))
                .toList();
    }

    /** One finished backup; empty when there is none of this name. */
    Optional<Backup> entry(String id) {
        return read(backupsFolder().resolve(id));
    }

    Path manifestFile(String id) {
        return backupsFolder().resolve(id).resolve(MANIFEST);
    }

    private Optional<Backup> read(Path backup) {
        String id = String.valueOf(backup.getFileName());
        BackupStatus status = status(id);
        try {
            byte[] json = Files.readAllBytes(backup.resolve(MANIFEST));
            BackupManifest manifest = BackupJson.parse(json, BackupManifest.class);
            String expected = Files.readString(backup.resolve(MANIFEST + HASH), StandardCharsets.UTF_8);
            if (!expected.startsWith(FileDigest.of(json) + "  ")
                    || !manifest.id().equals(id)) {
                status = status.withDamages(List.of("the manifest is not what was written"));
            }
            return Optional.of(new Backup(manifest, backup, status));
        } catch (IOException e) {
            return damaged(id, backup, status, e);
        }
    }

    /** A backup whose manifest is lost is still there, and whoever looks must see that it is none. */
    private Optional<Backup> damaged(String id, Path backup, BackupStatus status, IOException failure) {
        Optional<BackupKind> kind = List.of(BackupKind.values()).stream()
                .filter(one -> id.endsWith("-" + one))
                .findFirst();
        if (kind.isEmpty() || !Files.isDirectory(backup)) {
            return Optional.empty();
        }
        Instant begun = begun(id);
        BackupManifest nothing = new BackupManifest(
                id,
                kind.get(),
                BackupManifest.NATIVE,
                database,
                "",
                "0",
                0,
                0,
                null,
                null,
                begun,
                begun,
                0,
                List.of(),
                Map.of(),
                "",
                Compression.NONE,
                null,
                Map.of());
        return Optional.of(new Backup(
                nothing, backup, status.withDamages(List.of("the manifest cannot be read: " + failure.getMessage()))));
    }

    private static Instant begun(String id) {
        try {
            return Instant.from(ID.parse(id.substring(0, id.indexOf('-'))));
        } catch (RuntimeException e) {
            return Instant.EPOCH;
        }
    }

    private BackupStatus status(String id) {
        Path file = statusFile(id);
        if (!Files.exists(file)) {
            return BackupStatus.NEW;
        }
        try {
            return BackupJson.read(file, BackupStatus.class);
        } catch (IOException e) {
            // It may have said that the backup is held, so it is.
            return BackupStatus.NEW
                    .withHeld("what was known of it cannot be read")
                    .withDamages(List.of(String.valueOf(e.getMessage())));
        }
    }

    /** Changes what is known of a backup. */
    public BackupStatus status(String id, UnaryOperator<BackupStatus> change) {
        Path file = statusFile(id);
        try {
            Files.createDirectories(statusFolder());
            // One writer at a time, or the slower one would take back what the other has found.
            LockFile turn = await(folder.resolve("status.lock"));
            try {
                BackupStatus changed = change.apply(status(id));
                BackupJson.write(file, changed);
                return changed;
            } finally {
                turn.close();
            }
        } catch (IOException e) {
            throw new OperatorException(file + " cannot be written: " + e.getMessage(), null, e);
        }
    }

    Path statusFolder() {
        return folder.resolve("status");
    }

    Path statusFile(String id) {
        return statusFolder().resolve(id + ".json");
    }

    /**
     * Begins a backup; {@link #lock} must be held.
     *
     * @throws OperatorException when the repository cannot be written
     */
    public BackupDraft begin(BackupKind kind) {
        return BackupDraft.begin(this, ID.format(clock.instant()) + "-" + kind);
    }

    /**
     * Enters a backup whose files another program keeps in a repository of its own; {@link #lock} must be held.
     *
     * @param manifest without files, and with another provider than ours
     */
    public Backup enter(BackupManifest manifest) {
        try (BackupDraft draft = BackupDraft.begin(this, manifest.id())) {
            return draft.finish(manifest, Map.of());
        }
    }

    /**
     * The lock of those who make or expire backups of this database.
     *
     * @param holder who takes it, one line
     * @throws OperatorException when somebody else holds it
     */
    public LockFile lock(String holder) {
        RepositoryMark.write(repository);
        create(folder);
        create(folder.resolve("makers"));
        Path file = folder.resolve("lock");
        return LockFile.tryAcquire(file, holder)
                .orElseThrow(() -> new OperatorException(
                        "the backups of " + database + " are being worked on by "
                                + LockFile.holder(file)
                                        .filter(text -> !text.isBlank())
                                        .orElse("another process"),
                        "wait until that is done, or cancel it."));
    }

    /**
     * Keeps a backup, and the log from its beginning on, from being expired as long as this process lives or until it is closed.
     *
     * @param holder who needs it: letters, digits and dashes, such as a run's id
     */
    public LockFile pin(String id, String holder) {
        create(folder.resolve("pins"));
        return LockFile.tryAcquireTemporary(folder.resolve("pins").resolve(id + "." + holder + ".lock"), holder)
                .orElseThrow(
                        () -> new OperatorException("backup " + id + " is in use by " + holder + " already", null));
    }

    /** Whether a process that lives has pinned the backup. */
    public boolean isPinned(String id) {
        return pinnedBy(id).isPresent();
    }

    /** Who has pinned the backup and lives. */
    public Optional<String> pinnedBy(String id) {
        return list(folder.resolve("pins")).stream()
                .filter(file -> String.valueOf(file.getFileName()).startsWith(id + "."))
                .map(LockFile::holder)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * Takes a backup out of the catalogue, and then removes it. If the process dies in between, the sweep removes the rest.
     *
     * <p>Who pins a backup and then finds it in the catalogue may keep it: a pin that came while it was taken out puts it back. So may who
     * holds it, however short before: what was decided from may be many deletions old.
     *
     * @return whether it is gone; false when somebody has pinned or holds it
     */
    public boolean remove(Backup backup) {
        return remove(backup, true);
    }

    /** As {@link #remove}, but whether it is held is all the same: the files are not here, and are gone where they were. */
    public boolean forget(Backup backup) {
        return remove(backup, false);
    }

    private boolean remove(Backup backup, boolean unlessHeld) {
        try {
            Path away = backupsFolder().resolve(backup.id() + EXPIRED);
            LockFile turn = await(folder.resolve("status.lock"));
            try {
                if (isPinned(backup.id()) || (unlessHeld && status(backup.id()).held() != null)) {
                    return false;
                }
                DurableFile.move(backup.folder(), away);
                if (isPinned(backup.id())) {
                    DurableFile.move(away, backup.folder());
                    return false;
                }
                Files.deleteIfExists(statusFile(backup.id()));
            } finally {
                turn.close();
            }
            FolderTree.delete(away);
            return true;
        } catch (IOException e) {
            throw new OperatorException(
                    "backup " + backup.id() + " cannot be removed: " + e.getMessage(),
                    "look at the rights on " + backup.folder()
                            + "; a write-once folder (chattr +i) is kept on purpose.",
                    e);
        }
    }

    /** Removes what processes that are dead have left: backups that were not finished, or not wholly removed. */
    public void sweep() {
        for (Path one : list(backupsFolder())) {
            String name = String.valueOf(one.getFileName());
            if (name.endsWith(EXPIRED) || isAbandoned(name)) {
                try {
                    FolderTree.delete(one);
                    LOG.info("removed {}, which a process that ended has left", one);
                } catch (IOException e) {
                    LOG.warn("{} cannot be removed: {}", one, e.toString());
                }
            }
        }
        list(folder.resolve("pins")).forEach(LockFile::sweep);
        list(folder.resolve("makers")).forEach(LockFile::sweep);
    }

    private boolean isAbandoned(String name) {
        return name.endsWith(BackupDraft.SUFFIX)
                && LockFile.holder(makerFile(name.substring(0, name.length() - BackupDraft.SUFFIX.length())))
                        .isEmpty();
    }

    private static LockFile await(Path file) {
        while (true) {
            Optional<LockFile> lock = LockFile.tryAcquire(
                    file, "process " + ProcessHandle.current().pid());
            if (lock.isPresent()) {
                return lock.get();
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new OperatorException(
                    "the folder " + folder + " cannot be made: " + e.getMessage(),
                    "backups.repository must be a folder that user '" + System.getProperty("user.name")
                            + "' may write to.",
                    e);
        }
    }

    private static List<Path> list(Path folder) {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            all.forEach(found::add);
        } catch (IOException e) {
            throw new OperatorException(folder + " cannot be read: " + e.getMessage(), null, e);
        }
        return found;
    }
}
