package io.watchkeeper.toolkit.stream;

import static io.watchkeeper.toolkit.stream.StreamFleet.HANDOVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The publisher's password, on a server that writes down all it can. */
@Timeout(120)
class SubscriptionSecretTest {

    private static final String PASSWORD = "str3am 'qu\\oted' 100%L pässwort";
    private static final String NEXT = "str3am next";

    private static LocalServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServers.own(Map.of(
                "log_statement", "all",
                "log_min_duration_statement", "0",
                "log_min_error_statement", "debug5",
                "log_error_verbosity", "verbose",
                "log_replication_commands", "on",
                "shared_preload_libraries", "'pg_stat_statements,auto_explain'",
                "pg_stat_statements.track", "all",
                "auto_explain.log_min_duration", "0",
                "auto_explain.log_nested_statements", "on"));
        Path access = server.data().resolve("pg_hba.conf");
        Files.writeString(access, "host all streamer 127.0.0.1/32 scram-sha-256\n" + Files.readString(access));
        silently("create role streamer login replication superuser");
        silently("select pg_reload_conf()");
        setPassword(PASSWORD);
    }

    @AfterAll
    static void stop() {
        server.delete();
    }

    private static void silently(String sql) {
        TestServers.execute(
                server,
                "postgres",
                "set log_statement = none; set log_min_duration_statement = -1; set log_min_error_statement = panic;"
                        + " set auto_explain.log_min_duration = -1; set pg_stat_statements.track = none; " + sql);
    }

    private static void setPassword(String password) {
        silently("set password_encryption = 'scram-sha-256'; alter role streamer password '"
                + password.replace("'", "''") + "'");
    }

    private static StreamFleet fleet(DatabaseSettings shore, DatabaseSettings ship, String password) {
        return new StreamFleet(
                new DatabaseSettings("shore", shore.url(), "streamer", Secret.of(password), 8, null, true), ship);
    }

    private static String log() throws IOException {
        return Files.readString(server.data().resolveSibling("server.log"), StandardCharsets.UTF_8);
    }

    @Test
    void thePasswordIsNowhereAndANewOneIsHandedOver() throws Exception {
        DatabaseSettings shore = TestServers.settings("shore", server, TestServers.freshDatabase(server));
        DatabaseSettings ship = TestServers.settings("ship", server, TestServers.freshDatabase(server));
        try (StreamFleet fleet = fleet(shore, ship, PASSWORD)) {
            fleet.both("create table t (id int primary key, v text)");
            fleet.on("ship", "create extension pg_stat_statements");
            fleet.on("shore", "insert into t values (1, 'one')");
            fleet.publish("t");

            try (StreamFleet wrong = fleet(shore, ship, "str3am wrong")) {
                assertThatThrownBy(() -> wrong.provision(HANDOVER))
                        .hasMessageContaining("password authentication failed")
                        .hasMessageNotContaining("str3am");
            }
            assertThat(fleet.provisioner().describe(HANDOVER))
                    .extracting(PlannedAction::sql)
                    .noneMatch(sql -> sql.contains("str3am"));

            assertThat(fleet.provision(HANDOVER).state()).isEqualTo(StreamState.STREAMING);
            fleet.on("shore", "insert into t values (2, 'two')");
            fleet.awaitCaughtUp();
            assertThat(fleet.differences()).isEmpty();

            setPassword(NEXT);
            fleet.on("ship", "select pg_terminate_backend(pid) from pg_stat_subscription where pid is not null");
            try (StreamFleet renewed = fleet(shore, ship, NEXT)) {
                assertThat(renewed.provision(HANDOVER).state()).isEqualTo(StreamState.STREAMING);
                fleet.on("shore", "insert into t values (3, 'three')");
                fleet.awaitCaughtUp();
                assertThat(fleet.differences()).isEmpty();
                renewed.provisioner().handBack(HANDOVER);
            }
            assertThat(log())
                    .contains("DO $handover$", "CREATE_REPLICATION_SLOT")
                    .doesNotContain("str3am");
            assertThat(fleet.rows("ship", "select query from pg_stat_statements where query ~ 'str3[a]m'"))
                    .isEmpty();
        }
    }

    @Test
    void theConnectionStringKeepsWhatLibpqReads() {
        assertThat(SubscriptionSql.conninfoValue("a'b\\c d")).isEqualTo("'a\\'b\\\\c d'");
    }
}
