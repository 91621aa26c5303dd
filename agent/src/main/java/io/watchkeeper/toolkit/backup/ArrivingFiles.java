package io.watchkeeper.toolkit.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a folder while another process writes them, one after the other: sums them up, and has the
 * system write large ones to the disk meanwhile. When the writer has ended, nearly everything is done.
 *
 * <p>What was read too early costs time and nothing else: size and time of change are noted before a file is read, and {@link #finish}
 * reads whatever has others then once more.
 */
final class ArrivingFiles implements AutoCloseable {

    private static final int BUFFER = 256 << 10;
    private static final long FLUSH_EVERY = 64L << 20;
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

    /** So much longer than a look at the folder lasts is the pause before the next one. */
    private static final int PAUSES = 10;

    /** What else wants the bytes of a file. */
    interface Readers {
        /** Called each time that the file is read from its beginning. The streams are closed at its end. */
        List<OutputStream> of(Path file) throws IOException;
    }

    /** How a file looked before it was read. */
    private record Look(
            Path file,
            long bytes,
            FileTime changed,
            @Nullable Object key) {}

    private record Read(Look look, FileSum sum) {}

    private final Path folder;
    private final Predicate<Path> onlyAtTheEnd;
    private final Readers readers;
    private final boolean flush;
    private final Map<Path, Read> done = new ConcurrentHashMap<>();
    private final ExecutorService reading = daemon("backup-hash");
    private final ExecutorService writing = daemon("backup-flush");
    private @Nullable Future<?> following;
    private volatile boolean writerEnded;
    private volatile boolean stopped;
    private volatile long bytesSeen;

    /**
     * @param onlyAtTheEnd files that are not written from front to back
     * @param readers of each file's bytes; often none
     * @param flush whether large files are to be written to the disk meanwhile; those that go again need not
     */
    ArrivingFiles(Path folder, Predicate<Path> onlyAtTheEnd, Readers readers, boolean flush) {
        this.folder = folder;
        this.onlyAtTheEnd = onlyAtTheEnd;
        this.readers = readers;
        this.flush = flush;
    }

    void start() {
        following = reading.submit(() -> {
            follow();
            return null;
        });
    }

    /** Bytes in the folder when it was last looked at. */
    long bytesSeen() {
        return bytesSeen;
    }

    /**
     * The writer has ended: reads what is left.
     *
     * @return every regular file below the folder, by its path in it
     * @throws IOException when a file cannot be read, or one of its readers failed
     */
    Map<String, FileSum> finish() throws IOException {
        writerEnded = true;
        Future<?> follower = following;
        if (follower != null) {
            await(follower);
        }
        Map<String, FileSum> sums = new TreeMap<>();
        for (Look look : look()) {
            Read read = done.get(look.file());
            if (read == null || !read.look().equals(look)) {
                read = read(look, false);
                done.put(look.file(), read);
            }
            sums.put(folder.relativize(look.file()).toString(), read.sum());
        }
        return sums;
    }

    private void follow() throws IOException {
        while (!stopped && !writerEnded) {
            long began = System.nanoTime();
            List<Look> waiting = look().stream().filter(this::isNew).toList();
            for (int i = 0; i < waiting.size() && !stopped; i++) {
                Look one = waiting.get(i);
                try {
                    done.put(one.file(), read(one, i == waiting.size() - 1));
                } catch (NoSuchFileException e) {
                    // The writer renamed it, or has failed and tidies up.
                }
            }
            pause(began);
        }
    }

    private boolean isNew(Look look) {
        return !done.containsKey(look.file()) && !onlyAtTheEnd.test(folder.relativize(look.file()));
    }

    /** What is there, that which was changed last at the end. */
    private List<Look> look() throws IOException {
        List<Look> looks = new ArrayList<>();
        long[] bytes = new long[1];
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes now) {
                if (now.isRegularFile()) {
                    looks.add(new Look(file, now.size(), now.lastModifiedTime(), now.fileKey()));
                    bytes[0] += now.size();
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        looks.sort(Comparator.comparing(Look::changed).thenComparing(Look::file));
        bytesSeen = bytes[0];
        return looks;
    }

    /**
     * Reads a file from its beginning to its end.
     *
     * @param growing the end is where the writer stops or begins another file
     */
    private Read read(Look before, boolean growing) throws IOException {
        FileSum.Running sum = new FileSum.Running();
        List<OutputStream> others = readers.of(before.file());
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        long synced = 0;
        Look look = before;
        try (FileChannel channel = FileChannel.open(before.file(), StandardOpenOption.READ)) {
            while (!stopped) {
                buffer.clear();
                int count = channel.read(buffer);
                if (count > 0) {
                    sum.add(buffer.array(), 0, count);
                    for (OutputStream other : others) {
                        other.write(buffer.array(), 0, count);
                    }
                } else {
                    boolean over = !growing || writerEnded || hasSuccessor(before.file());
                    Look now = lookAt(before.file());
                    if (over && now.bytes() == sum.bytes()) {
                        look = now;
                        break;
                    }
                    if (over && now.bytes() < sum.bytes()) {
                        throw new IOException(before.file() + " became shorter while it was read");
                    }
                }
                if (flush && sum.bytes() - synced >= FLUSH_EVERY) {
                    synced = sum.bytes();
                    flush(before.file());
                }
            }
        } finally {
            for (OutputStream other : others) {
                other.close();
            }
        }
        return new Read(look, sum.sum());
    }

    private static Look lookAt(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new Look(file, now.size(), now.lastModifiedTime(), now.fileKey());
    }

    private boolean hasSuccessor(Path file) throws IOException {
        long began = System.nanoTime();
        boolean found = look().stream().anyMatch(look -> !look.file().equals(file) && isNew(look));
        if (!found) {
            pause(began);
        }
        return found;
    }

    private void pause(long began) {
        try {
            long nanos = Math.max(SHORTEST_PAUSE_NANOS, PAUSES * (System.nanoTime() - began));
            for (long slept = 0; slept < nanos && !writerEnded && !stopped; slept += SHORTEST_PAUSE_NANOS) {
                TimeUnit.NANOSECONDS.sleep(Math.min(nanos, SHORTEST_PAUSE_NANOS));
            }
        } catch (InterruptedException e) {
            stopped = true;
        }
    }

    /** Has what there is of a large file written to the disk already, so that little is left to do at its end. */
    private void flush(Path file) {
        writing.execute(() -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                channel.force(false);
            } catch (IOException e) {
                // Whoever makes sure of it in the end finds out.
            }
        });
    }

    private static void await(Future<?> task) throws IOException {
        try {
            task.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof UncheckedIOException io) {
                throw io.getCause();
            }
            throw new IllegalStateException(cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the backup's files were read", e);
        }
    }

    private static ExecutorService daemon(String name) {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Stops reading; whatever is being read is left as it is. */
    @Override
    public void close() {
        stopped = true;
        reading.shutdownNow();
        writing.shutdownNow();
        try {
            reading.awaitTermination(10, TimeUnit.SECONDS);
            writing.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
