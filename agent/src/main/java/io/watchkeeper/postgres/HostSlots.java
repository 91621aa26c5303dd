package io.watchkeeper.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections in use to one database over all processes that share a state directory. Each is a locked byte of a file
 * that stays empty; the operating system unlocks what a process had when it dies, however it dies. Idle connections, which each
 * process keeps in its own pool for a while, are not counted.
 *
 * <p>Slots are taken from the lowest on, so that of processes with different caps each takes part up to its own. Who finds none
 * free stands in line with a locked byte far behind the slots, numbered by the time at which it came; the first in line, of
 * whichever process, takes the next slot.
 *
 * <p>The system's locks belong to the process, and closing any descriptor of a file gives up every lock the process has on it.
 * Hence each file is opened once for all pools of this process. Locks are only ever tried, because an interrupt closes a channel
 * that waits for one.
 */
final class HostSlots implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostSlots.class);

    /** Other processes cannot wake this one. Several looks fit into the time for which {@link SessionPair} holds one of two. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** How many places a line has, one for each nanosecond of 52 days. There is a line for each cap up to 1000. */
    private static final long LINE = 1L << 52;

    /** The files that this process has open. Its monitor guards everything here. */
    private static final Map<Path, OpenFile> OPEN = new HashMap<>();

    private static final class OpenFile {
        private final FileChannel channel;
        /** The slots that this process has, which the system would let it lock again. */
        private final BitSet taken = new BitSet();

        private int pools;

        OpenFile(FileChannel channel) {
            this.channel = channel;
        }
    }

    private final Path folder;
    private final Path path;
    private final int most;
    /** The number before the first place; those with another cap wait for other slots, and so in another line. */
    private final long line;

    private final NavigableMap<Integer, FileLock> taken = new TreeMap<>();
    private int takenUncounted;
    private int waiting;
    private boolean warned;
    private @Nullable OpenFile file;

    /**
     * The slots of a database; the first {@link #take} opens the file.
     *
     * @param folder shared by the processes; made when it is missing
     * @param most how many connections may be in use, 1 to 1000
     */
    HostSlots(Path folder, String database, int most) {
        this.folder = folder.toAbsolutePath();
        this.path = this.folder.resolve(database + ".slots");
        this.most = most;
        this.line = most * LINE;
    }

    /**
     * Takes a slot, after all who wait for one already. Where the file cannot be used, every call succeeds and the first says so
     * in the log: work goes on with the cap that each process has for itself.
     *
     * @param waitUntil by {@link System#nanoTime}
     * @return false when there was none until then
     * @throws WorkCancelledException when the work is told to stop meanwhile
     */
    boolean take(Work work, long waitUntil) throws InterruptedException {
        try {
            return takeIfFirst(line + LINE) || takeInTurn(work, waitUntil);
        } catch (IOException e) {
            takeUncounted(e);
            return true;
        }
    }

    private boolean takeInTurn(Work work, long waitUntil) throws IOException, InterruptedException {
        FileLock place = standInLine();
        try {
            while (true) {
                work.throwIfCancelled();
                if (takeIfFirst(place.position())) {
                    return true;
                }
                long left = waitUntil - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_AGAIN_NANOS));
            }
        } finally {
            leave(place);
        }
    }

    private FileLock standInLine() throws IOException {
        synchronized (OPEN) {
            FileLock place = null;
            while (place == null) {
                // On Linux one clock for all processes. It is refused while another process looks who is in line.
                long number = line + 1 + Math.floorMod(System.nanoTime(), LINE - 1);
                place = tryLock(number, 1, false);
            }
            waiting++;
            return place;
        }
    }

    private void leave(FileLock place) throws IOException {
        synchronized (OPEN) {
            waiting--;
            // Closed already when the pools were closed meanwhile.
            if (place.isValid()) {
                place.release();
            }
        }
    }

    private boolean takeIfFirst(long place) throws IOException {
        synchronized (OPEN) {
            return isFirst(place) && takeFree();
        }
    }

    private boolean isFirst(long place) throws IOException {
        // Shared, so that two processes that look at the same time do not take each other for one that waits.
        FileLock before = tryLock(line, place - line, true);
        if (before == null) {
            return false;
        }
        before.release();
        return true;
    }

    private boolean takeFree() throws IOException {
        BitSet ofProcess = file().taken;
        for (int slot = ofProcess.nextClearBit(0); slot < most; slot = ofProcess.nextClearBit(slot + 1)) {
            FileLock lock = tryLock(slot, 1, false);
            if (lock != null) {
                ofProcess.set(slot);
                taken.put(slot, lock);
                return true;
            }
        }
        return false;
    }

    /** @return null when another process, or another thread of this one, has a lock there */
    private @Nullable FileLock tryLock(long from, long length, boolean shared) throws IOException {
        try {
            return file().channel.tryLock(from, length, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void takeUncounted(IOException e) {
        synchronized (OPEN) {
            takenUncounted++;
            if (!warned) {
                warned = true;
                LOG.warn(
                        "connections of other processes are not counted, because {} cannot be used: {}",
                        path,
                        e instanceof AccessDeniedException ? "permission denied" : e.toString());
            }
        }
    }

    /** Gives back one that was taken. It is the highest: the lower ones are those that count for everybody. */
    void giveBack() {
        synchronized (OPEN) {
            if (takenUncounted > 0) {
                takenUncounted--;
            } else {
                release(taken.pollLastEntry());
            }
        }
    }

    private void release(Map.@Nullable Entry<Integer, FileLock> slot) {
        if (slot == null || file == null) {
            return;
        }
        try {
            slot.getValue().release();
            file.taken.clear(slot.getKey());
        } catch (IOException e) {
            LOG.warn("a slot of {} is taken until this process ends, because it cannot be unlocked", path, e);
        }
    }

    /** How many of this pool's connections are in use. */
    int taken() {
        synchronized (OPEN) {
            return taken.size() + takenUncounted;
        }
    }

    /** How many pieces of work of this pool wait. */
    int waiting() {
        synchronized (OPEN) {
            return waiting;
        }
    }

    private OpenFile file() throws IOException {
        if (file == null) {
            makeFolder(folder);
            // One name per file, whichever way the folder was spelt.
            Path key = folder.toRealPath().resolve(path.getFileName());
            file = OPEN.get(key);
            if (file == null) {
                file = new OpenFile(open(key));
                OPEN.put(key, file);
            }
            file.pools++;
        }
        return file;
    }

    private static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            try {
                Files.createDirectory(folder);
                giveToOwner(folder);
            } catch (FileAlreadyExistsException e) {
                // Another process was faster.
            }
        }
    }

    private static FileChannel open(Path path) throws IOException {
        try {
            Files.createFile(path);
            giveToOwner(path);
        } catch (FileAlreadyExistsException e) {
            // As it is from the second time on.
        }
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** What root makes, say by {@code sudo watchkeeper run}, must not lock out the agent's own user. */
    private static void giveToOwner(Path made) throws IOException {
        if ("root".equals(System.getProperty("user.name"))) {
            // A link that the agent's user put there meanwhile is not followed: what it leads to is not to be given
            // away.
            Files.getFileAttributeView(made, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setOwner(Files.getOwner(made.resolveSibling("")));
        }
    }

    /** Gives back everything. */
    @Override
    public void close() {
        synchronized (OPEN) {
            while (!taken.isEmpty()) {
                release(taken.pollLastEntry());
            }
            if (file != null && --file.pools == 0) {
                OPEN.values().remove(file);
                try {
                    file.channel.close();
                } catch (IOException e) {
                    LOG.debug("{} could not be closed", path, e);
                }
            }
            file = null;
        }
    }
}
