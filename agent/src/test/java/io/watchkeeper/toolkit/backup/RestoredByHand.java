package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.testing.MemoryFolder;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Restores a base backup as a person would with a shell, and starts it. Nothing of the agent's is used for it. */
final class RestoredByHand {

    private RestoredByHand() {}

    /**
     * A running server; whoever asked for it closes it.
     *
     * @param identity the key of an encrypted backup
     */
    static LocalServer start(Backup backup, @Nullable Path identity) {
        return start(TestServers.binaries(), backup, identity);
    }

    static LocalServer start(PgBinaries binaries, Backup backup, @Nullable Path identity) {
        try {
            Path folder = MemoryFolder.create("watchkeeper-restored");
            Path data = folder.resolve("data");
            if (Files.isDirectory(backup.folder().resolve("data"))) {
                shell("cp -a '" + backup.folder() + "/.' '" + folder + "' && rm -f '" + folder + "'/manifest*");
            } else {
                Files.createDirectories(data.resolve("pg_wal"));
                for (Path tar : tars(backup)) {
                    String name = tar.getFileName().toString();
                    String number = name.substring(0, name.indexOf('.'));
                    Path to = number.equals("base")
                            ? data
                            : number.equals("pg_wal")
                                    ? data.resolve("pg_wal")
                                    : Files.createDirectories(
                                            folder.resolve("tablespaces").resolve(number));
                    shell(readable(tar, identity) + " | tar -x -C '" + to + "'");
                }
                mapTablespaces(folder);
            }
            return start(binaries, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts what is in {@code data} of the folder. */
    static LocalServer start(PgBinaries binaries, Path folder) throws IOException {
        Path conf = folder.resolve("data/postgresql.conf");
        Files.writeString(
                conf,
                Files.readString(conf)
                        .replaceAll("(?m)^port = .*", "port = " + LocalServer.freePort())
                        .replaceAll("(?m)^unix_socket_directories = .*", "unix_socket_directories = '" + folder + "'"));
        String owner = "root".equals(System.getProperty("user.name")) ? "chown -R postgres '" + folder + "'; " : "";
        shell(owner.replace("postgres", user()) + "chmod 755 '" + folder + "'; chmod 700 '" + folder + "/data'");
        LocalServer server = LocalServer.attach(binaries, folder);
        server.start();
        return server;
    }

    private static String user() throws IOException {
        return Files.readString(Path.of("/etc/passwd")).lines().anyMatch(line -> line.startsWith("postgres:"))
                ? "postgres"
                : "nobody";
    }

    private static List<Path> tars(Backup backup) throws IOException {
        try (Stream<Path> files = Files.list(backup.folder())) {
            return files.filter(file -> file.getFileName().toString().contains(".tar"))
                    .toList();
        }
    }

    private static String readable(Path tar, @Nullable Path identity) {
        String name = tar.getFileName().toString();
        String command = "cat '" + tar + "'";
        if (name.endsWith(".age")) {
            command = "age --decrypt --identity '" + identity + "' '" + tar + "'";
            name = name.substring(0, name.length() - 4);
        }
        String program = Map.of(".gz", "gzip", ".zst", "zstd", "lz4", "lz4", "tar", "cat").entrySet().stream()
                .filter(one -> tar.getFileName().toString().replace(".age", "").endsWith(one.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
        return program.equals("cat") ? command : command + " | " + program + " -dc";
    }

    /** As PostgreSQL's manual says: each line of tablespace_map is a number and a folder. */
    private static void mapTablespaces(Path folder) throws IOException {
        Path map = folder.resolve("data/tablespace_map");
        if (Files.exists(map)) {
            Files.writeString(
                    map,
                    Files.readString(map).replaceAll("(?m)^(\\d+) .*", "$1 " + folder.resolve("tablespaces") + "/$1"));
        }
    }

    static void shell(String command) throws IOException {
        Process process = new ProcessBuilder("bash", "-c", "set -o pipefail; " + command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
