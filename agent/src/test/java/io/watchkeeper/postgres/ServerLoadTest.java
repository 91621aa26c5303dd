package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** How far replicas are behind, as those who give way to them see it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerLoadTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private LocalServer server;

    @BeforeAll
    void start() {
        server = TestServers.own(Map.of("wal_level", "replica"));
        TestServers.execute(server, "postgres", "create table t (n int)");
    }

    @AfterAll
    void end() {
        server.delete();
    }

    @Test
    void whoOnlyKeepsTheLogIsNeverBehindInReplay(@TempDir Path folder) throws Exception {
        Process keeper = new ProcessBuilder(List.of(
                        TestServers.binaries().program("pg_receivewal").toString(),
                        "--directory=" + folder,
                        "--no-sync",
                        "--status-interval=1",
                        "--dbname=host=127.0.0.1 user=postgres port=" + server.port()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            // The server counts the time since it first reported, although it never will replay.
            await().atMost(PATIENCE).until(() -> {
                TestServers.execute(server, "postgres", "insert into t values (1)");
                return number("select count(*) from pg_stat_replication"
                                + " where application_name = 'pg_receivewal' and replay_lag > interval '1 ms'")
                        == 1;
            });
            assertThat(load().furthestBehind()).isEmpty();
        } finally {
            keeper.destroy();
            keeper.waitFor();
        }
    }

    @Test
    void standbyThatReplaysLateIsBehindByThatMuch() throws Exception {
        LocalServer standby = StandbyServers.of(server);
        try {
            TestServers.execute(standby, "postgres", "alter system set recovery_min_apply_delay = '1500ms'");
            TestServers.execute(standby, "postgres", "select pg_reload_conf()");
            await().atMost(PATIENCE).until(() -> {
                TestServers.execute(server, "postgres", "insert into t values (1)");
                return load().furthestBehind()
                        .filter(lag -> lag.compareTo(Duration.ofSeconds(1)) > 0)
                        .isPresent();
            });
            assertThat(load().replica()).isEqualTo("walreceiver");
        } finally {
            standby.delete();
        }
    }

    private ServerLoad load() throws SQLException {
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")));
                Session session = pools.database("shore").open(Work.unattended("test"))) {
            return ServerLoad.read(session);
        }
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = TestServers.connect(server, "postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
