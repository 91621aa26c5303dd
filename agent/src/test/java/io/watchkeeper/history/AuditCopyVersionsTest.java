package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The copy of the audit trail in every version, by a role that may make its schema, and by one that may only insert. */
@Tag("campaign")
class AuditCopyVersionsTest {

    private static final TableName TABLE = new TableName("watchkeeper", "audit");
    private static final String CHAIN =
            "select count(*) from watchkeeper.audit a join watchkeeper.audit b on b.position = a.position + 1"
                    + " and b.previous = a.hash and b.hash = encode(sha256(convert_to(b.previous || chr(10) || b.entry, 'UTF8')), 'hex')";

    private static PostgresVersions versions;

    @TempDir
    Path state;

    @BeforeAll
    static void unpack() throws IOException {
        versions = new PostgresVersions();
    }

    @AfterAll
    static void remove() throws IOException {
        versions.close();
    }

    static List<Integer> every() {
        assertThat(PostgresVersions.available()).as("run with -Pevery-version").containsExactly(14, 15, 16, 17, 18);
        return PostgresVersions.available();
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void isMadeFilledAndVerifiedByTheServer(int version) throws Exception {
        LocalServer server = versions.server(version);
        String name = TestServers.freshDatabase(server);
        TestServers.execute(
                server,
                name,
                "create role maker login; create role inserter login; grant create on database " + name + " to maker");
        try (RunHistory history = RunHistory.open(state, new SettableClock(Runs.START))) {
            AuditTrail trail = history.audit("shore-1");
            record(trail, 10);
            copy(trail, server, name, "maker", 10);
            TestServers.execute(
                    server,
                    name,
                    "grant usage on schema watchkeeper to inserter; grant select, insert on watchkeeper.audit to inserter");
            record(trail, 10);
            copy(trail, server, name, "inserter", 20);
        }
        assertThat(ask(server, name, CHAIN)).isEqualTo(19);
    }

    private static void record(AuditTrail trail, int entries) {
        for (int i = 0; i < entries; i++) {
            trail.record(new AuditEvent("token:o'ps", "x", "test.done", "zero \0 and 한", "ok", Map.of("k", "\0")));
        }
    }

    private static void copy(AuditTrail trail, LocalServer server, String name, String user, long expected) {
        DatabaseSettings settings = new DatabaseSettings("shore", server.url(name), user, null, 2, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(settings));
                AuditCopy copy =
                        new AuditCopy(trail, "shore-1", pools.database("shore"), TABLE, Duration.ofMillis(50))) {
            assertThat(copy).isNotNull();
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> ask(server, name, "select count(*) from watchkeeper.audit") == expected);
        }
    }

    private static long ask(LocalServer server, String name, String sql) throws SQLException {
        try (Connection connection = TestServers.connect(server, name);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
