package io.watchkeeper.testing;

import io.watchkeeper.postgres.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Physical standbys of a test's own server. */
public final class StandbyServers {

    private StandbyServers() {}

    /** A running standby; whoever asked for it closes it. */
    public static LocalServer of(LocalServer primary) {
        try {
            int port = LocalServer.freePort();
            Path folder = TestFolders.create();
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            String owner = Files.getOwner(primary.data()).getName();
            if ("root".equals(System.getProperty("user.name"))) {
                run(List.of("chown", owner, folder.toString()));
            }
            List<String> command = new ArrayList<>();
            if ("root".equals(System.getProperty("user.name"))) {
                command.addAll(List.of("runuser", "-u", owner, "--"));
            }
            command.addAll(List.of(
                    TestServers.binaries().program("pg_basebackup").toString(),
                    "--pgdata=" + folder.resolve("data"),
                    "--write-recovery-conf",
                    "--checkpoint=fast",
                    "--no-sync",
                    "--dbname=host=127.0.0.1 user=postgres port=" + primary.port()));
            run(command);
            Path conf = folder.resolve("data/postgresql.conf");
            Files.writeString(
                    conf,
                    Files.readString(conf)
                            .replace("port = " + primary.port(), "port = " + port)
                            .replace(primary.data().resolveSibling("").toString(), folder.toString()));
            LocalServer standby = LocalServer.attach(TestServers.binaries(), folder);
            standby.start();
            return standby;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pauses replay; it stands still when this returns, and not only soon. */
    public static void pauseReplay(LocalServer standby) {
        TestServers.execute(standby, "postgres", "select pg_wal_replay_pause()");
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (Connection connection = TestServers.connect(standby, "postgres");
                    Statement statement = connection.createStatement();
                    ResultSet state = statement.executeQuery("select pg_get_wal_replay_pause_state()")) {
                return state.next() && state.getString(1).equals("paused");
            }
        });
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(new java.io.File("/"))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
