package io.watchkeeper.testing;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Real PostgreSQL servers, started once for all tests of this process and removed with it. A test makes a database of its own
 * with {@link #freshDatabase}.
 */
public final class TestServers {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private TestServers() {}

    public static LocalServer shore() {
        return Shore.SERVER;
    }

    public static LocalServer ship() {
        return Ship.SERVER;
    }

    /** A server of the test's own, to stop, crash and delete as it likes; it closes it. */
    public static LocalServer own(Map<String, String> settings) {
        return LocalServer.create(binaries(), temporaryFolder(), settings);
    }

    /** Makes an empty database. @return its name */
    public static String freshDatabase(LocalServer server) {
        String name = "test_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet();
        execute(server, "postgres", "create database " + name);
        return name;
    }

    public static DatabaseSettings settings(String name, LocalServer server, String database) {
        return new DatabaseSettings(name, server.url(database), "postgres", null, 8, null, true);
    }

    /** Pools for databases {@code shore} and {@code ship}, each fresh and empty. */
    public static DatabasePools freshFleet() {
        return new DatabasePools(List.of(
                settings("shore", shore(), freshDatabase(shore())), settings("ship", ship(), freshDatabase(ship()))));
    }

    public static Connection connect(LocalServer server, String database) throws SQLException {
        return DriverManager.getConnection(server.url(database), "postgres", "");
    }

    public static Connection connect(DatabaseSettings settings) throws SQLException {
        return DriverManager.getConnection(settings.url(), settings.user(), "");
    }

    public static void execute(LocalServer server, String database, String sql) {
        try (Connection connection = connect(server, database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public static PgBinaries binaries() {
        return PgBinaries.find(null)
                .orElseThrow(() -> new IllegalStateException("no PostgreSQL server programs found"));
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("watchkeeper-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LocalServer shared() {
        LocalServer server = own(Map.of());
        Runtime.getRuntime().addShutdownHook(new Thread(server::delete));
        return server;
    }

    private static final class Shore {
        static final LocalServer SERVER = shared();
    }

    private static final class Ship {
        static final LocalServer SERVER = shared();
    }
}
