package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server that this process made and owns, for the demo, tests and sandboxes: trust authentication on a loopback
 * port of its own, superuser {@code postgres}. When this process is root the server runs as another user, because PostgreSQL
 * refuses to run as root.
 *
 * <p>If this process dies without {@link #delete}, the server goes on; whoever finds the folder again ends it with
 * {@link #attach} and {@link #delete}.
 */
public final class LocalServer implements AutoCloseable {

    private static final List<String> OTHER_USERS = List.of("postgres", "nobody");

    private static final int FIRST_PORT = 12_000;

    /** Linux gives those from 32768 on to outgoing connections. */
    private static final int PORTS_END = 32_000;

    private static final int PORT_ATTEMPTS = 50;

    private final PgBinaries binaries;
    private final Path folder;
    private final int port;

    private LocalServer(PgBinaries binaries, Path folder, int port) {
        this.binaries = binaries;
        this.folder = folder;
        this.port = port;
    }

    /**
     * Makes a cluster in the folder, which must be missing or empty, and starts it.
     *
     * @param settings lines of postgresql.conf; sensible ones for short-lived data are there already
     */
    public static LocalServer create(PgBinaries binaries, Path folder, Map<String, String> settings) {
        int port = freePort();
        try {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectories(folder.resolve("data"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LocalServer server = new LocalServer(binaries, folder, port);
        if (isRoot()) {
            server.run(List.of("chown", "-R", otherUser(), folder.toString()));
        }
        server.runAsOwner(
                binaries.program("initdb").toString(),
                "--pgdata=" + server.data(),
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync");
        Map<String, String> all = new TreeMap<>(Map.of(
                "listen_addresses", "'127.0.0.1'",
                "port", Integer.toString(port),
                "unix_socket_directories", "'" + folder + "'",
                "fsync", "off",
                "shared_buffers", "64MB",
                "max_connections", "60",
                "wal_level", "logical",
                "max_prepared_transactions", "10",
                "log_line_prefix", "'%m [%p] %a '"));
        all.putAll(settings);
        StringBuilder conf = new StringBuilder("\n");
        all.forEach((key, value) -> conf.append(key).append(" = ").append(value).append('\n'));
        server.appendConf(conf.toString());
        server.start();
        return server;
    }

    /** A server made earlier in this folder, running or not. */
    public static LocalServer attach(PgBinaries binaries, Path folder) {
        try {
            String conf = Files.readString(folder.resolve("data/postgresql.conf"));
            int port = Arrays.stream(conf.split("\n"))
                    .filter(line -> line.startsWith("port = "))
                    .mapToInt(line -> Integer.parseInt(line.substring(7).strip()))
                    .findFirst()
                    .orElseThrow(() -> new OperatorException(folder + " holds no server made by Watchkeeper", null));
            return new LocalServer(binaries, folder, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A standby of this server in another folder, which must be missing; it is not running yet. This one is stopped, copied as it is, and
     * started again.
     *
     * @param settings lines of postgresql.conf on top of this server's, {@code primary_conninfo} among them
     */
    public LocalServer copyAsStandby(Path copy, Map<String, String> settings) {
        int copyPort = freePort();
        try {
            Files.createDirectories(copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LocalServer standby = new LocalServer(binaries, copy, copyPort);
        if (isRoot()) {
            standby.run(List.of("chown", otherUser(), copy.toString()));
        }
        stop();
        standby.runAsOwner("cp", "-a", data().toString(), standby.data().toString());
        start();
        standby.runAsOwner("touch", standby.data().resolve("standby.signal").toString());
        try {
            Path conf = standby.data().resolve("postgresql.conf");
            Files.writeString(
                    conf,
                    Files.readString(conf)
                            .replace("port = " + port, "port = " + copyPort)
                            .replace("'" + folder + "'", "'" + copy + "'"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StringBuilder lines = new StringBuilder();
        settings.forEach(
                (key, value) -> lines.append(key).append(" = ").append(value).append('\n'));
        standby.appendConf(lines.toString());
        return standby;
    }

    public int port() {
        return port;
    }

    public Path data() {
        return folder.resolve("data");
    }

    /** The JDBC address of one of the server's databases; log in as {@code postgres} without a password. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public void start() {
        runAsOwner(
                binaries.program("pg_ctl").toString(),
                "start",
                "--wait",
                "--timeout=60",
                "--silent",
                "--pgdata=" + data(),
                "--log=" + folder.resolve("server.log"));
    }

    /** Stops the server, sessions cut off; nothing happens when it is not running. */
    public void stop() {
        stop("fast");
    }

    /** As if the machine had lost power. */
    public void crash() {
        stop("immediate");
    }

    private void stop(String mode) {
        if (Files.exists(data().resolve("postmaster.pid"))) {
            runAsOwner(
                    binaries.program("pg_ctl").toString(),
                    "stop",
                    "--wait",
                    "--silent",
                    "--mode=" + mode,
                    "--pgdata=" + data());
        }
    }

    /** Stops the server and removes its folder. */
    public void delete() {
        try {
            stop("immediate");
        } finally {
            deleteFolder(folder);
        }
    }

    @Override
    public void close() {
        delete();
    }

    private void appendConf(String text) {
        try {
            Path conf = data().resolve("postgresql.conf");
            Files.writeString(conf, Files.readString(conf) + text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void runAsOwner(String... command) {
        List<String> full = new ArrayList<>();
        if (isRoot()) {
            full.addAll(List.of("runuser", "-u", otherUser(), "--"));
        }
        full.addAll(List.of(command));
        run(full);
    }

    private void run(List<String> command) {
        try {
            // A file, not a pipe: pg_ctl's server inherits it, and a pipe would stay open as long as the server lives.
            // In the server's folder, so that it goes with it should this process die here.
            Path output = Files.createTempFile(folder, "command", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .directory(new java.io.File("/"))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                if (!process.waitFor(120, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
                if (process.waitFor() != 0) {
                    String log = Files.isReadable(folder.resolve("server.log"))
                            ? Files.readString(folder.resolve("server.log"))
                            : "";
                    throw new OperatorException(
                            String.join(" ", command) + " failed: "
                                    + Files.readString(output, StandardCharsets.UTF_8)
                                            .strip()
                                    + " " + log.strip(),
                            "the messages above are PostgreSQL's own.");
                }
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperatorException("interrupted while waiting for " + command.get(0), null, e);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static String otherUser() {
        try {
            List<String> passwd = Files.readAllLines(Path.of("/etc/passwd"));
            return OTHER_USERS.stream()
                    .filter(user -> passwd.stream().anyMatch(line -> line.startsWith(user + ":")))
                    .findFirst()
                    .orElseThrow(() -> new OperatorException(
                            "neither user 'postgres' nor 'nobody' exists, and PostgreSQL refuses to run as root",
                            "start this as an ordinary user."));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port of 127.0.0.1 that nothing listens at, below those that the system gives to connections: they would take it again at once. */
    public static int freePort() {
        for (int attempt = 1; true; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, PORTS_END);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return socket.getLocalPort();
            } catch (IOException e) {
                if (attempt == PORT_ATTEMPTS) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static void deleteFolder(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(
                        Path dir, java.io.@org.jspecify.annotations.Nullable IOException e) throws IOException {
                    Files.deleteIfExists(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
