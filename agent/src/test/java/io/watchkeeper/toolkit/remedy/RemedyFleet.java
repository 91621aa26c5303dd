package io.watchkeeper.toolkit.remedy;

import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A primary {@code shore}, its standby {@code aboard}, and an agent's state. */
final class RemedyFleet implements AutoCloseable {

    final LocalServer primary;
    final LocalServer standby;
    final DatabasePools pools;
    final Path state;
    final ReplicationBoard board = new ReplicationBoard();
    final ReplicationSight sight;

    RemedyFleet() {
        primary = TestServers.own(Map.of(
                "autovacuum",
                "off",
                "max_standby_streaming_delay",
                "-1",
                "wal_receiver_status_interval",
                "1",
                "wal_retrieve_retry_interval",
                "200ms"));
        standby = StandbyServers.of(primary);
        pools = pools(primary.url("postgres"), standby.url("postgres"));
        try {
            state = Files.createTempDirectory("watchkeeper-remedies");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sight = new ReplicationSight(pools.all(), state, board, Clock.systemUTC());
    }

    static DatabasePools pools(String primary, String standby) {
        return new DatabasePools(List.of(
                new DatabaseSettings("shore", primary, "postgres", null, 8, null, true),
                new DatabaseSettings("aboard", standby, "postgres", null, 8, "shore", true)));
    }

    Database shore() {
        return pools.database("shore");
    }

    /** At a pace for tests: behind after half a second. */
    static RemedyPlan plan(Remedy... allowed) {
        return new RemedyPlan(
                Duration.ofMillis(500),
                null,
                Duration.ofMillis(300),
                Duration.ofSeconds(20),
                Duration.ofMillis(100),
                List.of(),
                List.of(allowed),
                List.of(),
                RemedyPlan.CANCEL_AT_MOST,
                null,
                List.of(),
                RemedyPlan.BLOAT_OVER);
    }

    LagRemediator remediator(Work work) {
        return new LagRemediator(
                shore(), pools.all(), state, sight, Clock.systemUTC(), work, "run1", StandbyRebuild.none(), line -> {});
    }

    RemedyResult remedy(RemedyPlan plan) throws SQLException {
        return remediator(Work.unattended("remedy")).run(plan);
    }

    List<String> sweep() {
        return new RemedySweep(state, pools.all(), board, Clock.systemUTC()).sweep();
    }

    /** Names of the files that record changes. */
    List<String> records() {
        Path folder = state.resolve("remedies");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void on(LocalServer server, String sql) {
        TestServers.execute(server, "postgres", sql);
    }

    static String one(LocalServer server, String sql) {
        try (Connection connection = TestServers.connect(server, "postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** What ALTER SYSTEM has written on a server for a setting; {@code null} as a text when there is nothing. */
    static String own(LocalServer server, String setting) {
        return one(
                server,
                "select max(setting) from pg_file_settings where sourcefile like '%/postgresql.auto.conf' and name = '"
                        + setting + "'");
    }

    /** A session of the standby that has seen a table's rows, which the primary then removes: replay has to wait for it. */
    Connection conflictingQuery(String table) throws SQLException {
        on(primary, "create table if not exists " + table + " as select g as id from generate_series(1, 1000) g");
        caughtUp();
        Connection reader =
                DriverManager.getConnection(standby.url("postgres") + "?ApplicationName=report", "postgres", "");
        reader.setAutoCommit(false);
        reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = reader.createStatement()) {
            statement.execute("select count(*) from " + table);
        }
        on(primary, "delete from " + table);
        on(primary, "vacuum " + table);
        return reader;
    }

    /** Runs something that takes long in a session, in a thread of its own; errors end it. */
    static Thread inBackground(Connection connection, String sql) {
        Thread thread = new Thread(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                // Cancelled, which is what the test is about.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    void caughtUp() {
        String position = one(primary, "select pg_current_wal_lsn()");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> one(standby, "select pg_last_wal_replay_lsn() >= '" + position + "'")
                        .equals("t"));
    }

    /** Waits until replay has been held up for longer than the plan allows. */
    void awaitBehind() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> one(
                                standby,
                                "select now() - pg_last_xact_replay_timestamp() > '0.6 s' and pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()")
                        .equals("t"));
    }

    void setBack() {
        on(standby, "select pg_wal_replay_resume() where pg_is_in_recovery()");
        for (LocalServer server : List.of(primary, standby)) {
            // Not all: a standby's knows its primary by one of them.
            on(server, "alter system reset hot_standby_feedback");
            on(server, "alter system reset vacuum_cost_limit");
            on(server, "select pg_reload_conf()");
        }
        on(standby, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'report'");
        sweep();
    }

    @Override
    public void close() {
        pools.close();
        standby.delete();
        primary.delete();
        deleteTree(state);
    }

    private static void deleteTree(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            all.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
