package io.watchkeeper.testing;

import io.watchkeeper.cli.WatchkeeperCommand;
import io.watchkeeper.postgres.LocalServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A configured host in a folder of its own: configuration, runbooks, state, token, and databases shore and ship. */
public final class TestHost {

    public static final String TOKEN = "a-token-for-tests-only";

    private final Path home;
    private final String name;
    private final int port = LocalServer.freePort();
    private final String shore;
    private final String ship;

    /** What a call of the program printed and how it ended. */
    public record Called(int exitStatus, String out, String err) {}

    public TestHost(Path home) {
        this(
                home,
                "shore-1",
                TestServers.freshDatabase(TestServers.shore()),
                TestServers.freshDatabase(TestServers.ship()));
    }

    /** A host of its own beside this one, with the same databases. */
    public TestHost beside(Path itsHome, String itsName) {
        return new TestHost(itsHome, itsName, shore, ship);
    }

    private TestHost(Path home, String name, String shore, String ship) {
        this.home = home;
        this.name = name;
        this.shore = shore;
        this.ship = ship;
        try {
            Files.createDirectories(runbooks());
            Files.writeString(home.resolve("token"), TOKEN + "\n");
            Files.setPosixFilePermissions(home.resolve("token"), PosixFilePermissions.fromString("rw-------"));
            writeConfig("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the configuration with more lines at its end. */
    public void writeConfig(String more) {
        write(
                config(),
                """
                host: { name: %s, role: primary }
                databases:
                  shore: { url: "%s", user: postgres }
                  ship: { url: "%s", user: postgres }
                runbooks: %s
                state: %s
                http: { listen: "127.0.0.1:%d", tokenFile: %s }
                """.formatted(
                                        name,
                                        TestServers.shore().url(shore),
                                        TestServers.ship().url(ship),
                                        runbooks(),
                                        state(),
                                        port,
                                        home.resolve("token"))
                        + more);
    }

    public Path config() {
        return home.resolve("watchkeeper.yaml");
    }

    public Path runbooks() {
        return home.resolve("runbooks");
    }

    public Path state() {
        return home.resolve("state");
    }

    public int port() {
        return port;
    }

    public String address() {
        return "http://127.0.0.1:" + port;
    }

    public Path runbook(String fileName, String text) {
        Path file = runbooks().resolve(fileName);
        write(file, text);
        return file;
    }

    public void onShore(String sql) {
        TestServers.execute(TestServers.shore(), shore, sql);
    }

    public void onShip(String sql) {
        TestServers.execute(TestServers.ship(), ship, sql);
    }

    public String shoreDatabase() {
        return shore;
    }

    public String shipDatabase() {
        return ship;
    }

    /** The first column of the first row, as text. */
    public static String ask(LocalServer server, String database, String sql) {
        try (var connection = TestServers.connect(server, database);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Calls the program in this process. */
    public Called call(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Map<String, String> environment =
                new HashMap<>(Map.of("WATCHKEEPER_CONFIG", config().toString(), "COLUMNS", "120"));
        int status = WatchkeeperCommand.execute(
                arguments,
                environment,
                Clock.systemDefaultZone(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Called(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Starts the program as a process of its own, output into files beside the configuration. */
    public Process spawn(String... arguments) {
        return spawn(Map.of(), arguments);
    }

    /** As {@link #spawn(String...)}, with more variables in its environment. */
    public Process spawn(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.watchkeeper.AgentMain"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(home.resolve("out.txt").toFile())
                .redirectError(home.resolve("err.txt").toFile());
        builder.environment().put("WATCHKEEPER_CONFIG", config().toString());
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String spawnedOutput() {
        return read(home.resolve("out.txt")) + read(home.resolve("err.txt"));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
