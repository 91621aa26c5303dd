package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCopyTest {

    private static final TableName TABLE = new TableName("watchkeeper", "audit");
    private static final Duration EVERY = Duration.ofMillis(50);

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);
    private RunHistory history;
    private AuditTrail trail;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, clock);
        trail = history.audit("shore-1");
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void entriesAreCopiedWithTheirHashesAndNoneTwice() {
        String database = TestServers.freshDatabase(TestServers.shore());
        recordSome(700);
        trail.record(new AuditEvent("token:o'ps", "x", "test.done", "zero \0 and 한", "ok", Map.of("k", "\0")));
        try (DatabasePools pools = pools(TestServers.shore(), database)) {
            try (AuditCopy copy = copy(pools)) {
                await().atMost(Duration.ofSeconds(20)).until(() -> count(TestServers.shore(), database) == 701);
                recordSome(3);
                await().atMost(Duration.ofSeconds(20)).until(() -> count(TestServers.shore(), database) == 704);
                recordSome(1);
                assertThat(copy).isNotNull();
            }
            assertThat(count(TestServers.shore(), database))
                    .as("closing copies the rest")
                    .isEqualTo(705);
            copy(pools).close();
            assertThat(count(TestServers.shore(), database)).isEqualTo(705);
        }
        String chain =
                "select count(*) from watchkeeper.audit a join watchkeeper.audit b on b.position = a.position + 1"
                        + " and b.previous = a.hash and b.hash = encode(sha256(convert_to(b.previous || chr(10) || b.entry, 'UTF8')), 'hex')";
        assertThat(ask(TestServers.shore(), database, chain))
                .as("the server can verify it")
                .isEqualTo("704");
    }

    @Test
    void anEntryWithoutATimeDoesNotHoldUpTheCopy() throws Exception {
        String database = TestServers.freshDatabase(TestServers.shore());
        recordSome(5);
        try (Connection store = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("watchkeeper.db"));
                Statement statement = store.createStatement()) {
            assertThat(statement.executeUpdate("update audit set at = 'garbage' where position = 2"))
                    .isEqualTo(1);
            assertThat(statement.executeUpdate(
                            "update audit set at = '+1000000000-12-31T23:59:59.999999999Z' where position = 3"))
                    .isEqualTo(1);
        }
        try (DatabasePools pools = pools(TestServers.shore(), database)) {
            copy(pools).close();
        }
        assertThat(count(TestServers.shore(), database)).isEqualTo(5);
    }

    @Test
    void whatWasRecordedWhileTheServerWasAwayIsCopiedWhenItIsBack() {
        try (LocalServer server = TestServers.own(Map.of())) {
            String database = TestServers.freshDatabase(server);
            recordSome(5);
            try (DatabasePools pools = pools(server, database);
                    AuditCopy copy = copy(pools)) {
                assertThat(copy).isNotNull();
                await().atMost(Duration.ofSeconds(20)).until(() -> count(server, database) == 5);
                server.stop();
                long started = System.nanoTime();
                recordSome(20);
                assertThat(Duration.ofNanos(System.nanoTime() - started))
                        .as("nobody waits for the copy")
                        .isLessThan(Duration.ofSeconds(5));
                server.start();
                await().atMost(Duration.ofSeconds(60)).until(() -> count(server, database) == 25);
            }
        }
    }

    @Test
    void aTrailWrittenAnewStandsBesideTheOldOneInTheCopy() throws Exception {
        String database = TestServers.freshDatabase(TestServers.shore());
        recordSome(5);
        try (DatabasePools pools = pools(TestServers.shore(), database)) {
            copy(pools).close();
            assertThat(count(TestServers.shore(), database)).isEqualTo(5);
            history.close();
            for (String name : List.of("watchkeeper.db", "watchkeeper.db-wal", "watchkeeper.db-shm")) {
                Files.deleteIfExists(state.resolve(name));
            }
            clock.forward(Duration.ofSeconds(1));
            open();
            recordSome(3);
            copy(pools).close();
        }
        assertThat(count(TestServers.shore(), database)).isEqualTo(8);
    }

    @Test
    void aRoleThatMayOnlyReadAndInsertIsEnough() {
        String database = TestServers.freshDatabase(TestServers.shore());
        recordSome(2);
        try (DatabasePools pools = pools(TestServers.shore(), database)) {
            copy(pools).close();
        }
        String role = "audit_writer_" + database;
        TestServers.execute(TestServers.shore(), database, "create role " + role + " login");
        TestServers.execute(
                TestServers.shore(),
                database,
                "grant usage on schema watchkeeper to " + role + "; grant select, insert on watchkeeper.audit to "
                        + role);
        recordSome(2);
        try (DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", TestServers.shore().url(database), role, null, 2, null, true)))) {
            copy(pools).close();
        }
        assertThat(count(TestServers.shore(), database)).isEqualTo(4);
        TestServers.execute(TestServers.shore(), database, "drop owned by " + role + "; drop role " + role);
    }

    private AuditCopy copy(DatabasePools pools) {
        Database database = pools.database("shore");
        return new AuditCopy(trail, "shore-1", database, TABLE, EVERY);
    }

    private static DatabasePools pools(LocalServer server, String database) {
        return new DatabasePools(List.of(TestServers.settings("shore", server, database)));
    }

    private static long count(LocalServer server, String database) {
        return Long.parseLong(ask(server, database, "select count(*) from watchkeeper.audit"));
    }

    /** 0 while there is no such table yet. */
    private static String ask(LocalServer server, String database, String sql) {
        try (var connection = TestServers.connect(server, database);
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (java.sql.SQLException e) {
            return "0";
        }
    }

    private void recordSome(int count) {
        for (int i = 0; i < count; i++) {
            trail.record(AuditEvent.of("user:test", "terminal", "test.done", "subject-" + i, "ok"));
        }
    }
}
