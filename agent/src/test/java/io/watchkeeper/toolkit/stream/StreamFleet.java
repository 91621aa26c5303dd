package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.sync.SyncPlan;
import io.watchkeeper.toolkit.sync.SyncResult;
import io.watchkeeper.toolkit.sync.TableSyncer;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;

/** A shore that publishes and a ship that subscribes, with a fresh database each. Takes its subscriptions and slots with it. */
final class StreamFleet implements AutoCloseable {

    static final Work WORK = Work.unattended("stream test");
    static final SubscriptionPlan PLAN = SubscriptionPlan.of("fleet_ship", "fleet");
    static final SubscriptionPlan HANDOVER = PLAN.withHandover(true);

    final SqlPolling polling;
    private final DatabaseSettings shoreLogin;
    private final DatabaseSettings shipLogin;
    private final DatabasePools pools;

    StreamFleet() {
        this(TestServers.shore(), TestServers.ship());
    }

    StreamFleet(LocalServer shore, LocalServer ship) {
        this(
                TestServers.settings("shore", shore, TestServers.freshDatabase(shore)),
                TestServers.settings("ship", ship, TestServers.freshDatabase(ship)));
    }

    StreamFleet(DatabaseSettings shore, DatabaseSettings ship) {
        shoreLogin = asSuperuser(shore);
        shipLogin = asSuperuser(ship);
        pools = new DatabasePools(List.of(shore, ship));
        polling = new SqlPolling(pools.database("shore"), pools.database("ship"));
    }

    private static DatabaseSettings asSuperuser(DatabaseSettings s) {
        return new DatabaseSettings(s.name(), s.url(), "postgres", null, 8, null, true);
    }

    /** The same databases, the agent logging in as someone else aboard. */
    StreamFleet loggingInAboardAs(String user) {
        return new StreamFleet(shoreLogin, new DatabaseSettings("ship", shipLogin.url(), user, null, 8, null, true));
    }

    int port(String database) {
        return URI.create(login(database).url().substring("jdbc:".length())).getPort();
    }

    Database shore() {
        return pools.database("shore");
    }

    Database ship() {
        return pools.database("ship");
    }

    DatabaseSettings login(String database) {
        return database.equals("shore") ? shoreLogin : shipLogin;
    }

    PublicationResult publish(String... patterns) throws SQLException {
        return new PublicationProvisioner(shore(), WORK).provision(PublicationPlan.of("fleet", patterns));
    }

    SubscriptionProvisioner provisioner() {
        return new SubscriptionProvisioner(shore(), ship(), WORK, polling);
    }

    /** As the verb makes it, with the rounds of syncTable. */
    SubscriptionProvisioner ofTheVerb() {
        return new SubscriptionProvisioner(shore(), ship(), WORK, new SyncPolling(shore(), ship(), WORK));
    }

    /** A round of the real engine, which compares all rows in the end. */
    SyncResult sync(String table) throws SQLException {
        return new TableSyncer(shore(), ship(), WORK)
                .sync(SyncPlan.of(TableName.parse(table)).with(o -> o.withVerify(true)));
    }

    StreamResult provision(SubscriptionPlan plan) throws SQLException {
        return provisioner().provision(plan);
    }

    /** Publishes table t and streams it, and waits until it is ready. */
    StreamResult stream() throws SQLException {
        publish("t");
        StreamResult result = provision(HANDOVER);
        awaitCaughtUp();
        return result;
    }

    /** Until the ship has durably applied whatever was committed on shore by now. */
    void awaitCaughtUp() {
        String end = value("shore", "select pg_current_wal_insert_lsn()");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> value(
                                "shore",
                                "select coalesce(bool_and(active and confirmed_flush_lsn >= '" + end
                                        + "'), false) from pg_replication_slots where database = current_database()")
                        .equals("t"));
    }

    SubscriptionState subscription() throws SQLException {
        try (Session session = ship().open(WORK)) {
            return SubscriptionState.read(session, "fleet_ship", 15).orElseThrow();
        }
    }

    void poll(String table) throws SQLException {
        polling.round(TableName.parse(table));
    }

    void both(String sql) {
        on("shore", sql);
        on("ship", sql);
    }

    void on(String database, String sql) {
        try (Connection connection = TestServers.connect(login(database));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    List<String> rows(String database, String sql) {
        try (Connection connection = TestServers.connect(login(database));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(rows.getString(i));
                }
                result.add(String.join("|", values));
            }
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    String value(String database, String sql) {
        return rows(database, sql).get(0);
    }

    /** Rows of table t that the two sides do not have in common, each with the side it is on. */
    List<String> differences() {
        List<String> shore = rows("shore", "select t::text from t order by id");
        List<String> ship = rows("ship", "select t::text from t order by id");
        List<String> differences = new ArrayList<>();
        Set<String> aboard = new HashSet<>(ship);
        Set<String> ashore = new HashSet<>(shore);
        shore.stream().filter(row -> !aboard.contains(row)).forEach(row -> differences.add("shore " + row));
        ship.stream().filter(row -> !ashore.contains(row)).forEach(row -> differences.add("ship " + row));
        return differences;
    }

    /** For one whose shore is no more. */
    void abandon() {
        pools.close();
    }

    @Override
    public void close() {
        try {
            for (String name : rows(
                    "ship",
                    "select quote_ident(subname) from pg_subscription where subdbid ="
                            + " (select oid from pg_database where datname = current_database())")) {
                on("ship", "alter subscription " + name + " disable");
                on("ship", "alter subscription " + name + " set (slot_name = none)");
                on("ship", "drop subscription " + name);
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> rows(
                                    "shore",
                                    "select slot_name from pg_replication_slots where database = current_database() and active")
                            .isEmpty());
            on(
                    "shore",
                    "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
        } finally {
            pools.close();
        }
    }
}
