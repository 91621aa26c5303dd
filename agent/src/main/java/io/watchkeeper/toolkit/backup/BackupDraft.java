package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A backup that is being made, in a folder whose name says so. If the process dies before {@link #finish} has renamed the folder, nothing
 * of it is ever taken for a backup, and the next {@link Catalogue#sweep} removes it: the lock in it is free then.
 */
public final class BackupDraft implements AutoCloseable {

    static final String SUFFIX = ".making";

    private final Catalogue catalogue;
    private final String id;
    private final Path folder;
    private final LockFile maker;
    private boolean done;

    private BackupDraft(Catalogue catalogue, String id, Path folder, LockFile maker) {
        this.catalogue = catalogue;
        this.id = id;
        this.folder = folder;
        this.maker = maker;
    }

    static BackupDraft begin(Catalogue catalogue, String id) {
        Path folder = catalogue.backupsFolder().resolve(id + SUFFIX);
        // Before the folder: a folder without a living maker is rubbish.
        LockFile maker = LockFile.tryAcquireTemporary(
                        catalogue.makerFile(id),
                        "process " + ProcessHandle.current().pid())
                .orElseThrow(() -> new OperatorException(folder + " is being written by somebody else", null));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            maker.close();
            throw new OperatorException(
                    "the folder " + folder + " cannot be made: " + e.getMessage(),
                    "backups.repository must be a folder that user '" + System.getProperty("user.name")
                            + "' may write to.",
                    e);
        }
        return new BackupDraft(catalogue, id, folder, maker);
    }

    public String id() {
        return id;
    }

    /** Where the backup's files go; empty at first. */
    public Path folder() {
        return folder;
    }

    /**
     * Makes it a backup: all files are on the disk with their hashes in the manifest, which is written last, and then the folder gets its
     * name.
     *
     * @param manifest without files
     * @param hashed SHA-256 of files that were hashed while they were written, by path below the folder; all others are hashed here
     * @throws OperatorException when the disk is full or fails; nothing is a backup then
     */
    public Backup finish(BackupManifest manifest, Map<String, String> hashed) {
        try {
            List<StoredFile> files = files(hashed);
            DurableFile.syncTree(folder);
            BackupManifest whole = manifest.withFiles(files);
            byte[] json = BackupJson.bytes(whole);
            DurableFile.write(
                    folder.resolve(Catalogue.MANIFEST + Catalogue.HASH),
                    FileDigest.of(json) + "  " + Catalogue.MANIFEST + "\n");
            DurableFile.write(folder.resolve(Catalogue.MANIFEST), json);
            Path named = catalogue.backupsFolder().resolve(id);
            DurableFile.move(folder, named);
            done = true;
            maker.close();
            return new Backup(whole, named, BackupStatus.NEW);
        } catch (IOException e) {
            throw new OperatorException(
                    "the backup " + id + " cannot be finished: " + e.getMessage(), "make room in " + folder + ".", e);
        }
    }

    private List<StoredFile> files(Map<String, String> hashed) throws IOException {
        Map<String, Path> paths = new TreeMap<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    paths.put(folder.relativize(file).toString(), file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        List<StoredFile> files = new ArrayList<>();
        for (Map.Entry<String, Path> one : paths.entrySet()) {
            String known = hashed.get(one.getKey());
            files.add(new StoredFile(
                    one.getKey(), Files.size(one.getValue()), known == null ? FileDigest.of(one.getValue()) : known));
        }
        files.sort(Comparator.comparing(StoredFile::path));
        return files;
    }

    /** Removes what was not finished. */
    @Override
    public void close() {
        if (done) {
            return;
        }
        done = true;
        try (maker) {
            FolderTree.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
