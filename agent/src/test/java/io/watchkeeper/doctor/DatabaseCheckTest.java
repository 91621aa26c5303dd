package io.watchkeeper.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.ServerCertificate;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of real servers. */
class DatabaseCheckTest {

    private static LocalServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startWellKeptServer() {
        server = TestServers.own(Map.of(
                "fsync", "on",
                "archive_mode", "on",
                "archive_command", "'/bin/true'",
                "log_lock_waits", "on",
                "idle_in_transaction_session_timeout", "'10min'"));
        TestServers.execute(server, "postgres", "create role agent login; grant pg_monitor to agent");
        TestServers.execute(
                server,
                "postgres",
                "create schema watchkeeper authorization agent; do $$ begin"
                        + " if current_setting('server_version_num')::int >= 150000 then"
                        + " execute 'grant set on parameter session_replication_role to agent'; end if; end $$");
        TestServers.execute(server, "postgres", "create role \"Odd One\" login");
    }

    @AfterAll
    static void removeServer() {
        server.delete();
    }

    @Test
    void wellKeptServerIsGreen() throws SQLException {
        List<Finding> findings = examine(settings("agent", null, true));

        assertThat(findings).hasSize(4);
        assertThat(findings.get(0).level()).isEqualTo(Finding.Level.GREEN);
        assertThat(findings.get(0).text())
                .matches(
                        "reachable, PostgreSQL \\d+\\.\\d+, primary, \\d+\\.\\d ms round trip, no TLS, clock off by .*");
        assertThat(findings.get(1)).isEqualTo(Finding.green("shore", "user agent has pg_monitor and is no superuser"));
        assertThat(findings.get(2).level()).isEqualTo(Finding.Level.GREEN);
        assertThat(findings.get(2).text())
                .startsWith("for sync, user agent may see how long transactions run, read pg_control_system(), ")
                .contains("make temporary tables, keep records in schema watchkeeper")
                .endsWith("; may not stream from here, subscribe here");
        assertThat(findings.get(3).text()).endsWith("segments archived, no failure");
    }

    @Test
    void userWhoSeesTooLittleGetsTheGrant() throws SQLException {
        assertThat(examine(settings("Odd One", null, true)))
                .contains(Finding.amber(
                        "shore",
                        "user Odd One does not see what other sessions and standbys do",
                        "as a superuser: GRANT pg_monitor TO \"Odd One\";"));
    }

    @Test
    void rightsThatSyncLacksComeWithTheirGrants() throws SQLException {
        TestServers.execute(
                server,
                "postgres",
                "create role \"Bare One\" login; revoke temporary on database postgres from public");
        try {
            Finding lacking = syncLine(examine(settings("Bare One", null, true)));
            assertThat(lacking.level()).isEqualTo(Finding.Level.AMBER);
            assertThat(lacking.text())
                    .startsWith(
                            "for sync, user Bare One may read pg_control_system(); may not see how long transactions run, ");
            String hint = String.valueOf(lacking.hint());
            assertThat(hint)
                    .contains(
                            "GRANT pg_read_all_stats TO \"Bare One\";",
                            "GRANT TEMPORARY ON DATABASE postgres TO \"Bare One\";",
                            "GRANT USAGE, CREATE ON SCHEMA watchkeeper TO \"Bare One\";");

            TestServers.execute(server, "postgres", hint.substring(hint.indexOf("GRANT")));

            assertThat(syncLine(examine(settings("Bare One", null, true))).level())
                    .isEqualTo(Finding.Level.GREEN);
        } finally {
            TestServers.execute(
                    server,
                    "postgres",
                    "drop owned by \"Bare One\"; drop role \"Bare One\"; grant temporary on database postgres to public");
        }
    }

    @Test
    void rightsOfATargetAreNotMissedWhereRowsComeFrom() throws SQLException {
        TestServers.execute(server, "postgres", "create role reader login; grant pg_monitor to reader");
        Finding line = syncLine(examine(settings("reader", null, false)));
        assertThat(line.level()).isEqualTo(Finding.Level.GREEN);
        assertThat(line.text()).contains("may not keep triggers silent", "keep records in schema watchkeeper");
    }

    private static Finding syncLine(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.text().startsWith("for sync"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void superuserIsAmber() throws SQLException {
        assertThat(examine(settings("postgres", null, true))).anySatisfy(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.AMBER);
            assertThat(finding.text()).startsWith("logs in as superuser postgres");
        });
    }

    @Test
    void standbyIsRecognised() throws SQLException {
        try (LocalServer standby = StandbyServers.of(server)) {
            DatabaseSettings settings =
                    new DatabaseSettings("shore", standby.url("postgres"), "agent", null, 2, "main", true);

            List<Finding> findings = examine(settings);

            assertThat(findings.get(0).text()).contains(", standby, ");
            assertThat(findings).filteredOn(f -> f.level() == Finding.Level.RED).isEmpty();
            assertThat(examine(new DatabaseSettings("shore", standby.url("postgres"), "agent", null, 2, null, true)))
                    .contains(Finding.amber(
                            "shore",
                            "is a standby, but the configuration does not say of what",
                            "set databases.shore.standbyOf."));
        }
    }

    @Test
    void standbyThatTakesWritesIsRed() throws SQLException {
        assertThat(examine(settings("agent", "main", true)))
                .filteredOn(f -> f.level() == Finding.Level.RED)
                .extracting(Finding::text)
                .containsExactly("configured as a standby of main, but it takes writes by itself");
    }

    @Test
    void unreachableLocalDatabaseIsRed() throws SQLException {
        assertThat(examine(nobody(true))).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.RED);
            assertThat(finding.text()).contains("cannot connect to database 'shore' at 127.0.0.1:1");
            assertThat(finding.hint()).isNotNull();
        });
    }

    @Test
    void unreachableRemoteDatabaseIsAmber() throws SQLException {
        assertThat(examine(nobody(false)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.AMBER));
    }

    @Test
    void plainConnectionToAnotherHostIsAmber() throws SQLException {
        assertThat(examine(settings("agent", null, false))).anySatisfy(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.AMBER);
            assertThat(finding.text()).isEqualTo("the connection is not encrypted");
        });
    }

    @Test
    void encryptionIsSaidWithItsVersion() throws Exception {
        ServerCertificate.install(server.data());
        TestServers.execute(server, "postgres", "alter system set ssl = on");
        try {
            reloadUntil("ssl", "on");

            List<Finding> findings = examine(settings("agent", null, false));

            assertThat(findings.get(0).text()).contains(", TLSv1.");
            assertThat(findings).noneMatch(finding -> finding.text().contains("not encrypted"));
        } finally {
            TestServers.execute(server, "postgres", "alter system reset all");
            reloadUntil("ssl", "off");
        }
    }

    @Test
    void clockIsComparedWithTheServers() throws SQLException {
        assertThat(clockFindings(Duration.ofSeconds(1))).isEmpty();
        assertThat(clockFindings(Duration.ofSeconds(-10)))
                .extracting(Finding::level)
                .containsExactly(Finding.Level.AMBER);
        assertThat(clockFindings(Duration.ofMinutes(5))).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.RED);
            assertThat(finding.text()).matches("its clock is (4 min 59 s|5 min) behind this host's");
        });
    }

    @Test
    void dumpToolOlderThanTheServerIsAmber() throws Exception {
        Path program = Files.writeString(folder.resolve("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.9'\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (DatabasePools pools = new DatabasePools(List.of(settings("agent", null, true)))) {
            List<Finding> findings =
                    new DatabaseCheck(pools.database("shore"), new ClientTools(folder), Clock.systemUTC()).examine();

            assertThat(findings).anySatisfy(finding -> {
                assertThat(finding.level()).isEqualTo(Finding.Level.AMBER);
                assertThat(finding.text()).startsWith("pg_dump 12.9 here refuses a server of version ");
            });
        }
    }

    private static List<Finding> clockFindings(Duration ahead) throws SQLException {
        try (DatabasePools pools = new DatabasePools(List.of(settings("agent", null, true)))) {
            return check(pools, Clock.offset(Clock.systemUTC(), ahead)).examine().stream()
                    .filter(finding -> finding.text().startsWith("its clock"))
                    .toList();
        }
    }

    private static List<Finding> examine(DatabaseSettings settings) throws SQLException {
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            return check(pools, Clock.systemUTC()).examine();
        }
    }

    private static DatabaseCheck check(DatabasePools pools, Clock clock) {
        return new DatabaseCheck(pools.database("shore"), new ClientTools(null), clock);
    }

    private static DatabaseSettings settings(String user, @Nullable String standbyOf, boolean local) {
        return new DatabaseSettings("shore", server.url("postgres"), user, null, 2, standbyOf, local);
    }

    private static DatabaseSettings nobody(boolean local) {
        return new DatabaseSettings("shore", "jdbc:postgresql://127.0.0.1:1/d", "agent", null, 2, null, local);
    }

    /** A new session has the new settings only once the postmaster has read them. */
    private static void reloadUntil(String setting, String value) {
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
        Awaitility.await().until(() -> {
            try (Connection connection = TestServers.connect(server, "postgres");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("show " + setting)) {
                rows.next();
                return rows.getString(1).equals(value);
            }
        });
    }
}
