package io.watchkeeper.testing;

import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A primary of a test's own, and a physical standby of it from when it is first asked for. Everything that befalls a cluster can be
 * done to them: kill -9, failover with and without lost commits, and a move of the transaction counter.
 */
public final class SourceCluster implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String PID_FILE = "postmaster.pid";

    /** Transaction numbers of one file in pg_xact: four to a byte. */
    private static final long XIDS_OF_SEGMENT = 1L << 20;

    private static final int SEGMENT_BYTES = 256 * 1024;
    private static final long LOW_32_BITS = 0xFFFF_FFFFL;

    private LocalServer primary;
    private @Nullable LocalServer standby;

    public SourceCluster() {
        this(Map.of());
    }

    /** @param settings lines of postgresql.conf for both servers */
    public SourceCluster(Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(
                Map.of("autovacuum", "off", "max_prepared_transactions", "40", "vacuum_failsafe_age", "2100000000"));
        all.putAll(settings);
        primary = TestServers.own(all);
    }

    public LocalServer primary() {
        return primary;
    }

    public synchronized LocalServer standby() {
        LocalServer made = standby == null ? StandbyServers.of(primary) : standby;
        standby = made;
        return made;
    }

    /** Waits until the standby has replayed everything that the primary has written by now. */
    public void awaitReplay() {
        // What open transactions have written is sent when somebody commits, or after up to 15 s.
        TestServers.execute(primary, "postgres", "select pg_logical_emit_message(true, 'test', 'flush')");
        String written = value(primary, "select pg_current_wal_insert_lsn()");
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> value(standby(), "select pg_last_wal_replay_lsn() >= '" + written + "'")
                        .equals("t"));
    }

    /** Ends the server's first process with {@code kill -9}; its sessions' processes notice that by themselves. */
    public static void kill(LocalServer server) {
        postmaster(server).ifPresent(postmaster -> {
            postmaster.destroyForcibly();
            postmaster.onExit().join();
        });
    }

    private static Optional<ProcessHandle> postmaster(LocalServer server) {
        try {
            Path pidFile = server.data().resolve(PID_FILE);
            return Files.exists(pidFile)
                    ? ProcessHandle.of(
                            Long.parseLong(Files.readAllLines(pidFile).get(0).strip()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a server, running, stopped or killed. */
    public static void discard(LocalServer server) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            if (postmaster(server).isEmpty()) {
                Files.deleteIfExists(server.data().resolve(PID_FILE));
            }
            // Sessions of a killed server may still be writing files.
            server.delete();
            return true;
        });
    }

    /** Starts a server that was killed, as soon as the last of its sessions' processes has gone. */
    public static void startAgain(LocalServer server) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreException(OperatorException.class)
                .until(() -> {
                    server.start();
                    return true;
                });
    }

    /** From here on the standby gets nothing more from the primary. */
    public void cutReplication() {
        awaitReplay();
        TestServers.execute(standby(), "postgres", "alter system set primary_conninfo = ''");
        TestServers.execute(standby(), "postgres", "select pg_reload_conf()");
        await().atMost(PATIENCE)
                .until(() -> value(standby(), "select count(*) from pg_stat_wal_receiver")
                        .equals("0"));
    }

    /** The primary dies and the standby takes its place, with what it has got. */
    public void failOver() {
        standby();
        kill(primary);
        promote();
    }

    /** The primary stops in order, so that the standby has everything before it takes the primary's place. */
    public void switchOver() {
        awaitReplay();
        primary.stop();
        promote();
    }

    private void promote() {
        TestServers.execute(standby(), "postgres", "select pg_promote(true, 60)");
        discard(primary);
        primary = standby();
        standby = null;
    }

    /**
     * Moves the counter, so that the next transaction gets this number, all 64 bits of it. Everything is frozen before and after, or
     * the server would take old rows for future ones. There must be no prepared transactions. A standby is made anew, because it
     * could not follow.
     */
    public void moveTransactionCounter(long next) {
        LocalServer replica = standby;
        if (!value(primary, "select count(*) from pg_prepared_xacts").equals("0")) {
            throw new IllegalStateException("prepared transactions do not survive a move of the counter");
        }
        TestServers.execute(primary, "postgres", "alter database template0 allow_connections true");
        freezeAll();
        if (replica != null) {
            discard(replica);
            standby = null;
        }
        primary.stop();
        // 0 to 2 are no ordinary transactions.
        long oldest = Math.max(3, (next - 1000) & LOW_32_BITS);
        makeSegment(oldest);
        makeSegment(next & LOW_32_BITS);
        runAsOwner(
                TestServers.binaries().program("pg_resetwal").toString(),
                "--next-transaction-id=" + (next & LOW_32_BITS),
                "--oldest-transaction-id=" + oldest,
                "--epoch=" + (next >> 32),
                primary.data().toString());
        primary.start();
        freezeAll();
        if (replica != null) {
            standby();
        }
    }

    /** The number of the next transaction, all 64 bits of it. */
    public long nextTransaction() {
        return Long.parseLong(value(primary, "select pg_snapshot_xmax(pg_current_snapshot())::text"));
    }

    private void freezeAll() {
        for (String database : values(primary, "select datname from pg_database order by datname")) {
            TestServers.execute(primary, database, "vacuum freeze");
        }
    }

    private void makeSegment(long xid) {
        Path segment = primary.data().resolve("pg_xact").resolve("%04X".formatted(xid / XIDS_OF_SEGMENT));
        try {
            if (!Files.exists(segment)) {
                Files.write(segment, new byte[SEGMENT_BYTES]);
                Files.setOwner(segment, Files.getOwner(primary.data()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs one of PostgreSQL's programs as the user whom the primary's files belong to. */
    public void runAsOwner(String... command) {
        runAsOwnerOf(primary, command);
    }

    public static void runAsOwnerOf(LocalServer server, String... command) {
        try {
            List<String> full = new ArrayList<>();
            if ("root".equals(System.getProperty("user.name"))) {
                full.addAll(
                        List.of("runuser", "-u", Files.getOwner(server.data()).getName(), "--"));
            }
            full.addAll(List.of(command));
            Process process = new ProcessBuilder(full)
                    .directory(server.data().toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(full + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String value(LocalServer server, String sql) {
        return values(server, sql).get(0);
    }

    private static List<String> values(LocalServer server, String sql) {
        try (Connection connection = TestServers.connect(server, "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        if (standby != null) {
            discard(standby);
        }
        discard(primary);
    }
}
