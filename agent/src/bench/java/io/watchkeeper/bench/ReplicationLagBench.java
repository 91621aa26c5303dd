package io.watchkeeper.bench;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * What a look at replication costs the server, with so many standbys: {@code ReplicationLag [STANDBYS [LOOKS]]}.
 *
 * <p>Each standby is a real walsender with a slot: its client streams the log and reports what it has, as a standby's receiver does.
 */
public final class ReplicationLagBench {

    private ReplicationLagBench() {}

    public static void main(String[] arguments) throws Exception {
        int standbys = (int) Arguments.number(arguments, 0, 50);
        int looks = (int) Arguments.number(arguments, 1, 2_000);
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        LocalServer server = LocalServer.create(
                PgBinaries.find(null).orElseThrow(),
                folder.resolve("shore"),
                Map.of(
                        "max_wal_senders", Integer.toString(standbys + 5),
                        "max_replication_slots", Integer.toString(standbys + 5),
                        "max_connections", "100",
                        "shared_preload_libraries", "'pg_stat_statements'",
                        "pg_stat_statements.track_planning", "on"));
        try (server) {
            run(server, folder, standbys, looks);
        } finally {
            FolderTree.delete(folder);
        }
    }

    private static void run(LocalServer server, Path folder, int standbys, int looks) throws Exception {
        execute(server, "create extension pg_stat_statements; create table written (n int)");
        List<Standby> connected = new ArrayList<>();
        try (DatabasePools pools = new DatabasePools(List.of(
                new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 2, null, true)))) {
            for (int i = 0; i < standbys; i++) {
                execute(server, "select pg_create_physical_replication_slot('ship_" + i + "', true)");
                connected.add(new Standby(server, "ship_" + i));
            }
            ReplicationSight sight =
                    new ReplicationSight(pools.all(), folder, new ReplicationBoard(), Clock.systemUTC());
            measure(server, pools, sight, looks / 10);
            execute(server, "select pg_stat_statements_reset()");
            report(server, standbys, measure(server, pools, sight, looks));
        } finally {
            connected.forEach(Standby::end);
        }
    }

    /** @return nanoseconds of each look, sorted */
    private static long[] measure(LocalServer server, DatabasePools pools, ReplicationSight sight, int looks)
            throws SQLException {
        long[] times = new long[looks];
        try (Session session = pools.database("shore").open(Work.unattended("bench"))) {
            int backend = session.one("select pg_backend_pid()", row -> row.getInt(1));
            long before = cpuNanos(backend);
            for (int i = 0; i < looks; i++) {
                if (i % 20 == 0) {
                    execute(server, "insert into written select generate_series(1, 100)");
                }
                long began = System.nanoTime();
                ReplicatingServer seen = sight.look(session);
                times[i] = System.nanoTime() - began;
                if (i == looks - 1) {
                    System.out.printf(
                            "%d replicas, %d slots seen; %.2f ms of the server's CPU a look%n",
                            seen.replicas().size(), seen.slots().size(), (cpuNanos(backend) - before) / 1e6 / looks);
                }
            }
        }
        Arrays.sort(times);
        return times;
    }

    /** What a process of this host has computed: the same on a busy machine. */
    private static long cpuNanos(int process) {
        try {
            return Long.parseLong(
                    Files.readString(Path.of("/proc/" + process + "/schedstat")).split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void report(LocalServer server, int standbys, long[] times) throws SQLException {
        System.out.printf(
                "a look at %d standbys, by the agent: median %.2f ms, 99 %% %.2f ms%n",
                standbys, times[times.length / 2] / 1e6, times[times.length * 99 / 100] / 1e6);
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("""
                        select calls, mean_plan_time, mean_exec_time, max_exec_time, stddev_exec_time from pg_stat_statements
                         where query like '%pg_stat_wal_receiver%' and query not like '%pg_stat_statements%'
                         order by calls desc limit 1""")) {
            row.next();
            System.out.printf(
                    "on the server, %d statements: planned %.2f ms, executed %.2f ms (most %.2f, deviation %.2f)%n",
                    row.getLong(1), row.getDouble(2), row.getDouble(3), row.getDouble(4), row.getDouble(5));
        }
    }

    private static void execute(LocalServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(LocalServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Streams the log and says that it has it. */
    private static final class Standby {

        private final Connection connection;
        private final Thread thread;
        private volatile boolean ended;

        Standby(LocalServer server, String name) throws Exception {
            Properties properties = new Properties();
            PGProperty.USER.set(properties, "postgres");
            PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
            PGProperty.REPLICATION.set(properties, "true");
            PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
            PGProperty.APPLICATION_NAME.set(properties, name);
            connection = DriverManager.getConnection(server.url("postgres"), properties);
            PGReplicationStream stream = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .physical()
                    .withSlotName(name)
                    .withStartPosition(LogSequenceNumber.valueOf(value(server, "select pg_current_wal_lsn()::text")))
                    .withStatusInterval(1, TimeUnit.SECONDS)
                    .start();
            CountDownLatch begun = new CountDownLatch(1);
            thread = new Thread(() -> follow(stream, begun), name);
            thread.setDaemon(true);
            thread.start();
            begun.await();
        }

        private void follow(PGReplicationStream stream, CountDownLatch begun) {
            try {
                while (!ended) {
                    ByteBuffer log = stream.readPending();
                    stream.setFlushedLSN(stream.getLastReceiveLSN());
                    stream.setAppliedLSN(stream.getLastReceiveLSN());
                    stream.forceUpdateStatus();
                    begun.countDown();
                    if (log == null) {
                        TimeUnit.MILLISECONDS.sleep(500);
                    }
                }
            } catch (SQLException | InterruptedException e) {
                if (!ended) {
                    e.printStackTrace();
                    begun.countDown();
                }
            }
        }

        void end() {
            ended = true;
            thread.interrupt();
            try {
                connection.close();
            } catch (SQLException e) {
                System.err.println(e.getMessage());
            }
        }
    }
}
