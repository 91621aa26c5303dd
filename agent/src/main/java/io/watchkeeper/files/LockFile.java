package io.watchkeeper.files;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A lock among all threads of all processes of this host, held on a file. The operating system lets go of it when the process
 * dies, however it dies. The file's text says who holds it.
 *
 * <p>The system's locks belong to the process, and closing any descriptor of a file gives up every lock the process has on
 * it. Hence the map of what this process holds, and hence everything that opens a lock file goes through this class and its
 * one monitor. {@link RandomAccessFile} is used because an interrupt closes a channel that is reading or writing, and with it
 * would go the lock.
 */
public final class LockFile implements AutoCloseable {

    private static final int LONGEST_TEXT = 4096;

    /** Guarded by itself; its monitor also guards every opening of a lock file. */
    private static final Map<Path, LockFile> HELD = new HashMap<>();

    private final Path file;
    private final String holder;
    private final RandomAccessFile open;
    private final boolean temporary;

    private LockFile(Path file, String holder, RandomAccessFile open, boolean temporary) {
        this.file = file;
        this.holder = holder;
        this.open = open;
        this.temporary = temporary;
    }

    /**
     * Takes the lock if nobody holds it. The file stays behind when the lock is released: removing it would race with those
     * who have it open and wait.
     *
     * @param holder who takes it, one line
     * @throws OperatorException when the file cannot be written
     */
    public static Optional<LockFile> tryAcquire(Path file, String holder) {
        return tryAcquire(file, holder, false);
    }

    /** As {@link #tryAcquire}, but the file goes when the lock is released; only for files that nobody waits for. */
    public static Optional<LockFile> tryAcquireTemporary(Path file, String holder) {
        return tryAcquire(file, holder, true);
    }

    private static Optional<LockFile> tryAcquire(Path file, String holder, boolean temporary) {
        synchronized (HELD) {
            try {
                Path key = key(file);
                if (HELD.containsKey(key)) {
                    return Optional.empty();
                }
                Optional<LockFile> lock = open(key, holder, temporary);
                lock.ifPresent(taken -> HELD.put(key, taken));
                return lock;
            } catch (IOException e) {
                throw unwritable(file, e);
            }
        }
    }

    private static Optional<LockFile> open(Path file, String holder, boolean temporary) throws IOException {
        boolean isNew = !Files.exists(file);
        RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw");
        LockFile taken = null;
        try {
            if (open.getChannel().tryLock() == null) {
                return Optional.empty();
            }
            if (Files.exists(file)) {
                sign(file, open, holder, isNew, temporary);
                taken = new LockFile(file, holder, open, temporary);
            }
        } finally {
            if (taken == null) {
                open.close();
            }
        }
        // Without the file, a sweep removed it after it was opened: the lock was on a file that nobody finds.
        return taken != null ? Optional.of(taken) : open(file, holder, temporary);
    }

    private static void sign(Path file, RandomAccessFile open, String holder, boolean isNew, boolean temporary)
            throws IOException {
        try {
            if (isNew) {
                FolderOwner.give(file);
            }
            open.setLength(0);
            open.write(holder.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The disk is full, most likely: the lock is not taken, and leaves nothing that looks like it.
            if (temporary) {
                Files.deleteIfExists(file);
            }
            throw e;
        }
    }

    /** Who holds the lock; empty when nobody does. A holder that is just taking or releasing it may be without a name. */
    public static Optional<String> holder(Path file) {
        synchronized (HELD) {
            try {
                if (!Files.exists(file)) {
                    return Optional.empty();
                }
                LockFile own = HELD.get(key(file));
                if (own != null) {
                    return Optional.of(own.holder);
                }
                try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
                    // Shared, so that two processes that look at the same time do not take each other for the holder.
                    FileLock free = open.getChannel().tryLock(0, Long.MAX_VALUE, true);
                    return free != null ? Optional.empty() : Optional.of(text(open));
                }
            } catch (IOException e) {
                throw unwritable(file, e);
            }
        }
    }

    /** Removes a file that nobody holds; leaves it alone otherwise. */
    public static void sweep(Path file) {
        synchronized (HELD) {
            try {
                if (HELD.containsKey(key(file)) || !Files.exists(file)) {
                    return;
                }
                try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    if (open.getChannel().tryLock() != null) {
                        Files.deleteIfExists(file);
                    }
                }
            } catch (IOException e) {
                throw unwritable(file, e);
            }
        }
    }

    private static OperatorException unwritable(Path file, IOException e) {
        String reason = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
        return new OperatorException(
                "cannot write " + file + ": " + reason,
                "its folder must be writable for this user and have free space (df " + file.getParent() + ").",
                e);
    }

    private static String text(RandomAccessFile open) throws IOException {
        byte[] bytes = new byte[(int) Math.min(open.length(), LONGEST_TEXT)];
        open.seek(0);
        int read = open.read(bytes);
        return read <= 0 ? "" : new String(bytes, 0, read, StandardCharsets.UTF_8);
    }

    /** One name per file, whichever way the folder was spelt. */
    private static Path key(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        return folder == null ? absolute : folder.toRealPath().resolve(absolute.getFileName());
    }

    /** Releases the lock; nothing happens the second time. */
    @Override
    public void close() {
        synchronized (HELD) {
            if (!HELD.remove(file, this)) {
                return;
            }
            try (open) {
                if (temporary) {
                    Files.deleteIfExists(file);
                } else {
                    open.setLength(0);
                }
            } catch (IOException e) {
                throw unwritable(file, e);
            }
        }
    }
}
