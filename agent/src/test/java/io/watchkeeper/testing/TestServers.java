package io.watchkeeper.testing;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Real PostgreSQL servers, started once for all tests of this process and removed with it. A test makes a database of its own
 * with {@link #freshDatabase}.
 */
public final class TestServers {

    private static final Logger LOG = LoggerFactory.getLogger(TestServers.class);
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Queue<Made> MADE = new ConcurrentLinkedQueue<>();

    private record Made(LocalServer server, String name) {}

    private TestServers() {}

    public static LocalServer shore() {
        return Shore.SERVER;
    }

    public static LocalServer ship() {
        return Ship.SERVER;
    }

    /** A server of the test's own, to stop, crash and delete as it likes; it closes it. */
    public static LocalServer own(Map<String, String> settings) {
        return LocalServer.create(binaries(), TestFolders.create(), settings);
    }

    /** Makes an empty database, which goes with the test class. @return its name */
    public static String freshDatabase(LocalServer server) {
        String name = "test_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet();
        execute(server, "postgres", "create database " + name);
        MADE.add(new Made(server, name));
        return name;
    }

    /** Drops what {@link #freshDatabase} made on the shared servers, as far as nothing keeps it: a slot of it, for example. */
    static void dropDatabases() {
        for (Made made = MADE.poll(); made != null; made = MADE.poll()) {
            if (made.server != Shore.SERVER && made.server != Ship.SERVER) {
                continue;
            }
            try (Connection connection = connect(made.server, "postgres");
                    Statement statement = connection.createStatement()) {
                statement.execute("drop database if exists " + made.name + " with (force)");
            } catch (SQLException e) {
                LOG.debug("{} stays: {}", made.name, e.getMessage());
            }
        }
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
