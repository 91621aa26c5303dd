package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Two servers that hand the primary's role to and fro, and what was ever promised to a client that wrote. */
final class SwitchoverPair implements AutoCloseable {

    static final Work WORK = Work.unattended("test");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final Map<String, LocalServer> servers = new LinkedHashMap<>();
    final DatabasePools pools;
    final Path state;
    private final TreeSet<Integer> promised = new TreeSet<>();
    private final AtomicInteger next = new AtomicInteger();

    /** @param others further standbys of {@code a}; each has a slot called as itself */
    SwitchoverPair(Path state, String... others) {
        this.state = state;
        LocalServer a = TestServers.own(Map.of("wal_log_hints", "on"));
        servers.put("a", a);
        servers.put("b", StandbyServers.of(a));
        for (String other : others) {
            servers.put(other, StandbyServers.of(a));
            sql("a", "select pg_create_physical_replication_slot('" + other + "', true)");
            sql(other, "alter system set primary_slot_name = '" + other + "'");
            sql(other, "select pg_reload_conf()");
        }
        pools = new DatabasePools(servers.entrySet().stream()
                .map(server -> settings(server.getKey(), server.getValue().port()))
                .toList());
        sql("a", "create table promises (id int primary key, by text)");
        await().atMost(PATIENCE).until(() -> streams("a"));
    }

    static DatabaseSettings settings(String name, int port) {
        return new DatabaseSettings(
                name, "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", null, 4, null, true);
    }

    static SwitchoverPlan plan(String from, String to, boolean confirmed) {
        return plan(from, to, confirmed, false, Duration.ofSeconds(60));
    }

    static SwitchoverPlan plan(String from, String to, boolean confirmed, boolean rewind, Duration within) {
        @Nullable String word = confirmed ? from + "->" + to : null;
        return new SwitchoverPlan(from, to, word, Bytes.megabytes(16), within, null, null, List.of(), false, rewind);
    }

    LocalServer server(String name) {
        return Objects.requireNonNull(servers.get(name), name);
    }

    Switchover switchover() {
        return new Switchover(pools::database, WORK, state, null);
    }

    /** One database, {@code both}, that is at whichever server is the primary. */
    DatabasePools following() {
        String url = "jdbc:postgresql://127.0.0.1:" + server("a").port() + ",127.0.0.1:"
                + server("b").port() + "/postgres?targetServerType=primary";
        return new DatabasePools(List.of(new DatabaseSettings("both", url, "postgres", null, 2, null, true)));
    }

    /** Those that take a write right now; a write that was taken is a promise. */
    List<String> primaries() {
        List<String> taken = new ArrayList<>();
        for (String name : servers.keySet()) {
            int id = next.incrementAndGet();
            try {
                sql(name, "insert into promises values (" + id + ", '" + name + "')");
                promised.add(id);
                taken.add(name);
            } catch (IllegalStateException e) {
                // A standby, or down.
            }
        }
        return taken;
    }

    String primary() {
        List<String> primaries = primaries();
        assertThat(primaries).hasSize(1);
        await().atMost(PATIENCE).until(() -> streams(primaries.get(0)));
        return primaries.get(0);
    }

    String standby() {
        return primary().equals("a") ? "b" : "a";
    }

    /** Whether a standby streams from it. */
    boolean streams(String name) {
        return ask(name, "select count(*) > 0 from pg_stat_replication where state = 'streaming'")
                .equals("t");
    }

    /** One primary with one standby that streams, every promise kept on both, and nothing left over. */
    void assertWhole(String primary) {
        String standby = primary.equals("a") ? "b" : "a";
        assertThat(primaries()).containsExactly(primary);
        await().atMost(PATIENCE).until(() -> streams(primary));
        String expected = String.valueOf(promised.size());
        await().atMost(PATIENCE)
                .until(() -> ask(standby, "select count(*) from promises").equals(expected));
        assertThat(ask(primary, "select count(*) from promises")).isEqualTo(expected);
        assertThat(SwitchoverRecord.all(state)).isEmpty();
        assertThat(ask(standby, "select count(*) from pg_replication_slots")).isEqualTo("0");
    }

    String ask(String name, String sql) {
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    void sql(String name, String sql) {
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private Connection connect(String name) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + server(name).port() + "/postgres", "postgres", "");
    }

    @Override
    public void close() {
        pools.close();
        servers.values().forEach(LocalServer::delete);
    }
}
