package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/**
 * A folder for one drill, {@code <state>/sandboxes/<id>}, and everything that a server needs in it.
 *
 * <p>Its lock, {@code <id>.lock} beside the folder, is taken before the folder is made and given back after it is gone: a folder
 * whose lock nobody holds belongs to a process that died, and {@link SandboxSweep} removes it.
 */
public final class Sandbox implements AutoCloseable {

    static final String FOLDER = "sandboxes";
    static final String LOCK = ".lock";
    static final String SOCKET_RECORD = "socket-folder";

    /** What the system's addresses of sockets hold. */
    private static final int LONGEST_SOCKET = 107;

    private final Path folder;
    private final Path socketFolder;
    private final LockFile lock;
    private final ServerUser user;
    private final int port;

    private Sandbox(Path folder, Path socketFolder, LockFile lock, ServerUser user, int port) {
        this.folder = folder;
        this.socketFolder = socketFolder;
        this.lock = lock;
        this.user = user;
        this.port = port;
    }

    /**
     * Makes an empty one.
     *
     * @param state the agent's state directory
     * @param id unique, of letters, digits and dashes
     * @param holder who it is for, as others are told
     * @param port the number in the name of its server's socket
     */
    public static Sandbox make(Path state, String id, String holder, int port) {
        Path all = state.toAbsolutePath().normalize().resolve(FOLDER);
        try {
            boolean isNew = !Files.isDirectory(all);
            Files.createDirectories(all);
            if (isNew) {
                // Nothing in it is secret but the data, whose folder lets in its own user alone.
                Files.setPosixFilePermissions(all, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            LockFile lock = LockFile.tryAcquire(all.resolve(id + LOCK), holder)
                    .orElseThrow(() -> new OperatorException("there is a sandbox " + id + " already", null));
            return make(all.resolve(id), lock, ServerUser.forSandboxesIn(state), port);
        } catch (IOException e) {
            throw new OperatorException(
                    "no sandbox can be made in " + all + ": " + Reason.of(e),
                    "the state directory must be writable for this user and have free space (df " + state + ").",
                    e);
        }
    }

    private static Sandbox make(Path folder, LockFile lock, ServerUser user, int port) throws IOException {
        Sandbox made = null;
        Path socketFolder = folder.resolve("run");
        try {
            Files.createDirectory(folder);
            if (tooLong(socketFolder, port)) {
                socketFolder = Path.of("/tmp", "watchkeeper-" + folder.getFileName());
                Files.writeString(folder.resolve(SOCKET_RECORD), socketFolder.toString());
            }
            made = new Sandbox(folder, socketFolder, lock, user, port);
            made.prepare();
            return made;
        } catch (IOException | RuntimeException e) {
            FolderTree.delete(folder);
            FolderTree.delete(socketFolder);
            lock.close();
            throw e;
        }
    }

    private static boolean tooLong(Path socketFolder, int port) {
        return socket(socketFolder, port).toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET;
    }

    private void prepare() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Path one : new Path[] {socketFolder, data(), wal(), tablespaces()}) {
            Files.createDirectory(one);
            Files.setPosixFilePermissions(one, PosixFilePermissions.fromString("rwx------"));
            user.give(one);
        }
        requireReachable();
    }

    /** A server that runs as another user must get into its folder. */
    private void requireReachable() throws IOException {
        if (user.self()) {
            return;
        }
        java.util.List<String> command = new java.util.ArrayList<>(user.prefix());
        command.addAll(java.util.List.of("test", "-w", data().toString()));
        try {
            if (new ProcessBuilder(command).start().waitFor() != 0) {
                throw new OperatorException(
                        "user '" + user.name()
                                + "', as whom the sandbox's server runs because root may not, cannot get into "
                                + folder,
                        "let others pass through the folders above it (chmod o+x), or run this as the agent's user.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    public Path folder() {
        return folder;
    }

    /** The restored data directory. */
    public Path data() {
        return folder.resolve("data");
    }

    /** Where tablespaces go, each into a folder named by its number. */
    Path tablespaces() {
        return folder.resolve("tablespaces");
    }

    /** Where the server finds the WAL it asks for. */
    Path wal() {
        return folder.resolve("wal");
    }

    Path settings() {
        return folder.resolve("postgresql.conf");
    }

    Path log() {
        return folder.resolve("server.log");
    }

    Path socketFolder() {
        return socketFolder;
    }

    /** The socket's file, the only way to the server. */
    public Path socket() {
        return socket(socketFolder, port);
    }

    private static Path socket(Path folder, int port) {
        return folder.resolve(String.format(Locale.ROOT, ".s.PGSQL.%d", port));
    }

    int port() {
        return port;
    }

    public ServerUser user() {
        return user;
    }

    /** Ends what still runs in it, and removes it. */
    @Override
    public void close() {
        try {
            remove(folder, socketFolder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.close();
        }
    }

    /** The socket's folder first: a folder that is recorded nowhere any more would stay for ever. */
    static void remove(Path folder, Path socketFolder) throws IOException {
        if (Files.isDirectory(folder)) {
            OtherProcesses.end(folder);
        }
        FolderTree.delete(socketFolder);
        FolderTree.delete(folder);
    }
}
