package io.watchkeeper.bench;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.testing.FlakyLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A source and a target on this host, and a configuration that names them {@code source} and {@code target}. */
final class BenchServers implements AutoCloseable {

    /** Nothing that happens by itself may happen in one measurement and not in another. */
    private static final Map<String, String> SETTINGS = Map.of(
            "shared_buffers", "512MB",
            "max_wal_size", "8GB",
            "checkpoint_timeout", "1h",
            "autovacuum", "off",
            "wal_level", "replica");

    private final Path folder;
    private final LocalServer source;
    private final LocalServer target;
    private @Nullable FlakyLink far;

    private BenchServers(Path folder, LocalServer source, LocalServer target) {
        this.folder = folder;
        this.source = source;
        this.target = target;
    }

    static BenchServers start() throws IOException {
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        // The servers may belong to another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        PgBinaries binaries = PgBinaries.find(null).orElseThrow();
        LocalServer source = LocalServer.create(binaries, folder.resolve("source"), SETTINGS);
        LocalServer target = LocalServer.create(binaries, folder.resolve("target"), SETTINGS);
        BenchServers servers = new BenchServers(folder, source, target);
        Files.createDirectories(servers.runbooks());
        Files.writeString(servers.config(), """
                databases:
                  source: { url: "%s", user: postgres, maxConnections: 20 }
                  target: { url: "%s", user: postgres, maxConnections: 20 }
                runbooks: %s
                state: %s
                """.formatted(
                        source.url("postgres"), target.url("postgres"), servers.runbooks(), folder.resolve("state")));
        return servers;
    }

    Path folder() {
        return folder;
    }

    /** For runbooks that a benchmark writes. */
    Path runbooks() {
        return folder.resolve("runbooks");
    }

    private Path config() {
        return folder.resolve("watchkeeper.yaml");
    }

    /** The program with this configuration, for a shell. @param arguments the command and what it takes */
    String watchkeeper(String arguments) {
        return Path.of("bin/watchkeeper").toAbsolutePath() + " " + arguments + " --config " + config();
    }

    /** {@code watchkeeper copy} that renews no statistics, as psql does not either. @param arguments tables, and how */
    String watchkeeperCopy(String arguments) {
        return watchkeeper("copy --from source --to target --no-analyze " + arguments);
    }

    /** The same table by psql, for a shell. */
    String pipe(String table) {
        return "psql -qXAt -d '%1$s' -c 'copy %3$s to stdout (format binary)' | psql -qXAt -d '%2$s' -c 'copy %3$s from stdin (format binary)'"
                .formatted(sourceUri(), targetUri(), table);
    }

    String sourceUri() {
        return uri(source.url("postgres"));
    }

    String targetUri() {
        return uri(targetUrl());
    }

    private static String uri(String url) {
        return url.replace("jdbc:", "").replace("postgresql://", "postgresql://postgres@");
    }

    void onSource(String sql) throws SQLException {
        execute(source, sql);
    }

    void onTarget(String sql) throws SQLException {
        execute(target, sql);
    }

    /** So that none begins while something is measured. */
    void checkpoint() throws SQLException {
        onSource("checkpoint");
        onTarget("checkpoint");
    }

    /** From now on, what is measured reaches the target over a link of this length; what is not measured goes the short way. */
    void moveTargetAway(Duration oneWay) {
        far = FlakyLink.to(target).latency(oneWay);
    }

    private String targetUrl() {
        return far == null ? target.url("postgres") : far.url("postgres");
    }

    /** Pools of both, named {@code source} and {@code target}. */
    DatabasePools pools() {
        return new DatabasePools(
                List.of(settings("source", source.url("postgres")), settings("target", targetUrl())));
    }

    private static DatabaseSettings settings(String name, String url) {
        return new DatabaseSettings(name, url, "postgres", null, 20, null, true);
    }

    Connection connectSource() throws SQLException {
        return connect(source);
    }

    Connection connectTarget() throws SQLException {
        return DriverManager.getConnection(targetUrl(), "postgres", "");
    }

    String askSource(String sql) throws SQLException {
        return ask(source, sql);
    }

    String askTarget(String sql) throws SQLException {
        return ask(target, sql);
    }

    /** Bytes that this host can still store where the servers are. */
    long bytesFree() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /** The driver sends several statements at once, and the server runs those in one transaction; CHECKPOINT wants none. */
    private static void execute(LocalServer server, String sql) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(LocalServer server, String sql) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Connection connect(LocalServer server) throws SQLException {
        return DriverManager.getConnection(server.url("postgres"), "postgres", "");
    }

    @Override
    public void close() throws IOException {
        if (far != null) {
            far.close();
        }
        source.delete();
        target.delete();
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
