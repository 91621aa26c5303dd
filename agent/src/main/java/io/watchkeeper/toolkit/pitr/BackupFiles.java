package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.Encryption;
import io.watchkeeper.toolkit.backup.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Brings the files of one stored backup back: decrypted, decompressed, unpacked, and each compared with its hash in the manifest
 * while it is read. What differs is an error that names the file.
 */
final class BackupFiles {

    private static final int BLOCK = 1 << 18;
    private static final String PLAIN = "data/";
    private static final String PLAIN_TABLESPACES = "tablespaces/";

    /** Copied last: without it no server starts on what is not whole. */
    private static final String VERSION = "PG_VERSION";

    private final Backup backup;
    private final @Nullable Encryption encryption;
    private final Work work;
    private final AtomicLong read = new AtomicLong();
    private final int workers;

    BackupFiles(Backup backup, @Nullable Encryption encryption, Work work, int workers) {
        this.backup = backup;
        this.encryption = encryption;
        this.work = work;
        this.workers = workers;
    }

    /**
     * Brings them.
     *
     * @param data an empty folder for the data directory
     * @param tablespaces says where the tablespace of that number goes; the folder is made
     */
    void bring(Path data, Tablespaces tablespaces) throws IOException {
        List<Callable<Void>> parts = new ArrayList<>();
        @Nullable StoredFile version = null;
        for (StoredFile file : backup.manifest().files()) {
            if (file.path().equals(PLAIN + VERSION)) {
                version = file;
            } else {
                Callable<Void> part = part(file, data, tablespaces);
                if (part != null) {
                    parts.add(part);
                }
            }
        }
        inParallel(parts);
        if (version != null) {
            copy(version, data.resolve(VERSION));
        }
        if (!Files.exists(data.resolve(VERSION))) {
            throw new OperatorException(
                    "backup " + backup.id() + " holds no data directory: neither data/ nor base.tar is in it",
                    "its manifest lists its files: " + backup.folder().resolve("manifest.json"));
        }
    }

    private @Nullable Callable<Void> part(StoredFile file, Path data, Tablespaces tablespaces) throws IOException {
        String path = file.path();
        if (path.startsWith(PLAIN)) {
            return copying(file, data.resolve(path.substring(PLAIN.length())));
        }
        if (path.startsWith(PLAIN_TABLESPACES)) {
            String[] parts = path.substring(PLAIN_TABLESPACES.length()).split("/", 2);
            return copying(file, tablespaces.folder(parts[0]).resolve(parts[1]));
        }
        String name = Pipe.innerName(path);
        if (name.equals("base.tar")) {
            return unpacking(file, data);
        }
        if (name.equals("pg_wal.tar")) {
            return unpacking(file, Files.createDirectories(data.resolve("pg_wal")));
        }
        if (name.matches("\\d+\\.tar")) {
            return unpacking(file, tablespaces.folder(name.substring(0, name.length() - 4)));
        }
        return name.equals("backup_manifest") ? copying(file, data.resolve("backup_manifest")) : null;
    }

    private Callable<Void> copying(StoredFile file, Path to) {
        return () -> {
            Files.createDirectories(to.getParent());
            if (Pipe.innerName(file.path()).equals(file.path())) {
                copy(file, to);
            } else {
                Pipe.decode(backup.file(file), encryption, List.of(), to, work, source(file));
            }
            return null;
        };
    }

    private Callable<Void> unpacking(StoredFile file, Path into) {
        return () -> {
            List<String> tar = List.of(
                    "tar", "--extract", "--file=-", "--no-same-owner", "--preserve-permissions", "--directory=" + into);
            Pipe.decode(backup.file(file), encryption, tar, null, work, source(file));
            return null;
        };
    }

    private void copy(StoredFile file, Path to) throws IOException {
        try (OutputStream out = Files.newOutputStream(to)) {
            source(file).to(out);
        }
    }

    /** The stored file, which is compared with its hash once the last byte was read. */
    private Pipe.Source source(StoredFile file) {
        return out -> {
            MessageDigest digest = FileDigest.sha256();
            byte[] block = new byte[BLOCK];
            try (InputStream in = Files.newInputStream(backup.file(file))) {
                for (int count = in.read(block); count >= 0; count = in.read(block)) {
                    digest.update(block, 0, count);
                    out.write(block, 0, count);
                    work.throwIfCancelled();
                    long bytes = read.addAndGet(count);
                    work.progress(Progress.ofBytes(backup.id(), "restore", bytes, 0));
                }
            } catch (java.nio.file.NoSuchFileException e) {
                throw damaged(file, "it is missing", e);
            }
            String found = FileDigest.hex(digest);
            if (!found.equals(file.sha256())) {
                throw damaged(file, "its SHA-256 is " + found + " and was " + file.sha256(), null);
            }
        };
    }

    private OperatorException damaged(StoredFile file, String why, @Nullable Throwable cause) {
        return new DamagedBackupException(backup.id(), file.path(), why, cause);
    }

    private void inParallel(List<Callable<Void>> parts) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(workers, parts.size())), task -> {
            Thread thread = new Thread(task, "restore");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (Callable<Void> part : parts) {
                running.add(threads.submit(part));
            }
            for (Future<Void> one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
            throw new IOException("interrupted", e);
        } finally {
            threads.shutdownNow();
            awaitEnd(threads);
        }
    }

    /** Whoever cleans up after a failure must not meet a thread that still writes. */
    private static void awaitEnd(ExecutorService threads) {
        boolean interrupted = false;
        while (true) {
            try {
                if (threads.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where tablespaces go. */
    interface Tablespaces {

        /** An empty folder for the tablespace of that number. */
        Path folder(String oid) throws IOException;
    }
}
