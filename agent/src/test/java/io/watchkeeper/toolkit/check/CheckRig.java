package io.watchkeeper.toolkit.check;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;

/** A database called {@code shore} to make checks in. */
final class CheckRig implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    final LocalServer server;
    final String name;
    final MemoryMeasurements measurements = new MemoryMeasurements();
    private final DatabasePools pools;

    private CheckRig(LocalServer server, String name, String user) {
        this.server = server;
        this.name = name;
        this.pools =
                new DatabasePools(List.of(new DatabaseSettings("shore", server.url(name), user, null, 3, null, true)));
    }

    static CheckRig on(LocalServer server) {
        return new CheckRig(server, TestServers.freshDatabase(server), "postgres");
    }

    /** The same as another role sees it, which may log in and nothing else. */
    CheckRig as(String role) {
        execute("create role " + role + " login");
        return new CheckRig(server, name, role);
    }

    void execute(String sql) {
        TestServers.execute(server, name, sql);
    }

    Connection connect() throws SQLException {
        return TestServers.connect(server, name);
    }

    Review review(Check check) throws SQLException {
        return review(check, NOW);
    }

    Review review(Check check, Instant now) throws SQLException {
        try (Session session = pools.database("shore").open(Work.unattended("test"))) {
            return check.review(new Look(session, now, measurements));
        }
    }

    /** Runs a statement in a thread of its own, which ends with the connection. */
    static void begin(Connection connection, String sql) {
        Thread thread = new Thread(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                // The test has seen enough of it and closed the connection.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    void await(String condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    var row = statement.executeQuery("select " + condition)) {
                row.next();
                return row.getBoolean(1);
            }
        });
    }

    static int pid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    static ReviewFinding finding(Review review, String code) {
        return review.findings().stream()
                .filter(one -> one.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + code + " in " + review.findings()));
    }

    static List<String> codes(Review review) {
        return review.findings().stream().map(ReviewFinding::code).toList();
    }

    @Override
    public void close() {
        pools.close();
    }
}
