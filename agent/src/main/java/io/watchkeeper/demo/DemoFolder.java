package io.watchkeeper.demo;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one demo keeps everything, so that removing this folder removes the demo. A lock on a file in it says that its process
 * lives; the kernel lets go of the lock when the process dies, however it dies, and the next demo finds the folder and
 * {@linkplain #sweep removes} it. Process ids alone would not do: they are used again, and containers that share a temporary
 * folder do not share them.
 */
final class DemoFolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DemoFolder.class);
    private static final String OWNER_FILE = "owner.pid";

    /** This process's own: closing a second channel on their owner files would let go of the lock, so no sweep opens them. */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel owner;

    private DemoFolder(Path path, FileChannel owner) {
        this.path = path;
        this.owner = owner;
    }

    /** Makes {@code watchkeeper-demo-USER-PID-…} in the parent and marks it as this process's. */
    static DemoFolder create(Path parent) {
        try {
            Path path = Files.createTempDirectory(
                    parent, prefix() + ProcessHandle.current().pid() + "-");
            // When root runs the demo, the servers run as another user and must get through to their folders.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
            OURS.add(path);
            return new DemoFolder(path, claim(path));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder for the demo in " + parent, e);
        }
    }

    Path path() {
        return path;
    }

    /** The lock is held before the file has its name: a sweep that sees the file never sees it unlocked by its living owner. */
    private static FileChannel claim(Path folder) throws IOException {
        Path unnamed = folder.resolve(OWNER_FILE + ".new");
        FileChannel channel = FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.write(StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + "\n"));
        channel.lock();
        Files.move(unnamed, folder.resolve(OWNER_FILE), StandardCopyOption.ATOMIC_MOVE);
        return channel;
    }

    /** Removes the folder with all that is in it. Servers in it must have ended. */
    @Override
    public void close() {
        try {
            remove(path);
            owner.close();
            OURS.remove(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path, e);
        }
    }

    /**
     * Ends the servers and removes the folders of this user's demos in the parent whose process has died.
     *
     * @return the folders removed
     */
    static List<Path> sweep(Path parent, PgBinaries binaries) {
        List<Path> removed = new ArrayList<>();
        for (Path folder : leftovers(parent)) {
            try (FileChannel claimed = claimDead(folder)) {
                if (claimed == null) {
                    continue;
                }
                for (Path server : serversIn(folder)) {
                    end(server, binaries);
                }
                remove(folder);
                removed.add(folder);
                LOG.info("removed {}, left behind by a demo that was killed", folder);
            } catch (IOException | RuntimeException e) {
                // A leftover must not keep the new demo from starting.
                LOG.warn("cannot remove {}, left behind by a demo that was killed: {}", folder, e.getMessage());
            }
        }
        return removed;
    }

    /** The dead owner's file, locked against a second sweep; null when the owner lives or may be just starting. */
    private static @Nullable FileChannel claimDead(Path folder) throws IOException {
        try {
            FileChannel channel = FileChannel.open(folder.resolve(OWNER_FILE), StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                return null;
            }
            return channel;
        } catch (NoSuchFileException e) {
            // Killed, or caught, between making the folder and its owner file: only the id in the name can tell.
            return ProcessHandle.of(ownerInName(folder)).isPresent() ? null : claim(folder);
        }
    }

    private static void end(Path server, PgBinaries binaries) throws IOException {
        Path pidFile = server.resolve("data/postmaster.pid");
        if (Files.exists(pidFile) && !isServer(pidFile)) {
            // The machine or container was restarted since, and the id may belong to anybody: it must get no signal.
            Files.delete(pidFile);
        }
        LocalServer.attach(binaries, server).delete();
    }

    private static boolean isServer(Path pidFile) throws IOException {
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.size() < 2 || !lines.get(0).strip().matches("\\d+")) {
            return false;
        }
        Path commandLine = Path.of("/proc", lines.get(0).strip(), "cmdline");
        return Files.isReadable(commandLine)
                && Files.readString(commandLine).contains(lines.get(1).strip());
    }

    private static List<Path> serversIn(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(c -> Files.exists(c.resolve("data/postgresql.conf")))
                    .toList();
        }
    }

    private static List<Path> leftovers(Path parent) {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(c -> c.getFileName().toString().startsWith(prefix()))
                    .filter(c -> !OURS.contains(c))
                    .filter(DemoFolder::belongsToThisUser)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for leftovers in " + parent, e);
        }
    }

    /** The name proves nothing in a folder where everybody may write. */
    private static boolean belongsToThisUser(Path folder) {
        try {
            return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                            .getName()
                            .equals(System.getProperty("user.name"));
        } catch (IOException e) {
            return false;
        }
    }

    private static String prefix() {
        return "watchkeeper-demo-" + System.getProperty("user.name") + "-";
    }

    private static long ownerInName(Path folder) {
        String rest = folder.getFileName().toString().substring(prefix().length());
        String pid = rest.substring(0, Math.max(0, rest.indexOf('-')));
        return pid.matches("\\d{1,10}") ? Long.parseLong(pid) : -1;
    }

    /** The owner file goes last: what is left after dying in here is still known as a dead demo's. */
    private static void remove(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.equals(folder.resolve(OWNER_FILE))) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                if (dir.equals(folder)) {
                    Files.deleteIfExists(folder.resolve(OWNER_FILE));
                }
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
