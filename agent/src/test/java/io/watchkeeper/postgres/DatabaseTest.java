package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Secret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DatabaseTest {

    private static final Work WORK = Work.unattended("database test");

    @Test
    void unknownDatabaseNamesTheNearestOne() {
        try (DatabasePools pools = TestServers.freshFleet()) {
            assertThatThrownBy(() -> pools.database("shroe"))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.hint()).isEqualTo("did you mean 'shore'? Configured: shore, ship."));
        }
    }

    @Test
    void neverUsesMoreConnectionsThanConfigured() throws Exception {
        LocalServer server = TestServers.shore();
        String name = TestServers.freshDatabase(server);
        try (DatabasePools pools = pool(server.url(name), "postgres", 3)) {
            AtomicInteger most = new AtomicInteger();
            List<CompletableFuture<Void>> crowd = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                crowd.add(CompletableFuture.runAsync(
                        () -> {
                            try (Session session = pools.database("db").open(WORK)) {
                                session.query("select pg_sleep(0.05)");
                                int now = session.one(
                                        "select count(*) from pg_stat_activity where datname = ?",
                                        row -> row.getInt(1),
                                        name);
                                most.accumulateAndGet(now, Math::max);
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        command -> new Thread(command).start()));
            }
            crowd.forEach(CompletableFuture::join);

            assertThat(most.get()).isBetween(2, 3);
        }
    }

    @Test
    void workThatIsToldToStopDoesNotWaitForAConnection() throws Exception {
        LocalServer server = TestServers.shore();
        try (DatabasePools pools = pool(server.url("postgres"), "postgres", 1);
                Session taken = pools.database("db").open(WORK)) {
            StoppableWork waiting = new StoppableWork("waiting");
            CompletableFuture<Session> second = CompletableFuture.supplyAsync(() -> {
                try {
                    return taken.database().open(waiting);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            waiting.stop();

            assertThatThrownBy(second::join).hasCauseInstanceOf(WorkCancelledException.class);
        }
    }

    @Test
    void aServerThatIsDownIsSaidInSecondsAndUsedOnceItIsUp() throws Exception {
        try (LocalServer server = TestServers.own(Map.of());
                DatabasePools pools = pool(server.url("postgres"), "postgres", 2)) {
            server.stop();

            long start = System.nanoTime();
            assertThatThrownBy(() -> pools.database("db").open(WORK))
                    .isInstanceOfSatisfying(OperatorException.class, e -> {
                        assertThat(e)
                                .hasMessageContaining("cannot connect to database 'db' at 127.0.0.1:" + server.port());
                        assertThat(e).hasMessageContaining("Connection refused");
                        assertThat(e.hint()).contains("databases.db.url");
                        assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE);
                    });
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));

            server.start();
            try (Session session = pools.database("db").open(WORK)) {
                assertThat(session.query("select 1 as one")).containsExactly(Map.of("one", 1));
            }
        }
    }

    @Test
    void pooledConnectionsOfACrashedServerAreReplaced() throws Exception {
        try (LocalServer server = TestServers.own(Map.of());
                DatabasePools pools = pool(server.url("postgres"), "postgres", 2)) {
            pools.database("db").open(WORK).close();
            server.crash();
            server.start();

            try (Session session = pools.database("db").open(WORK)) {
                assertThat(session.query("select 1 as one")).containsExactly(Map.of("one", 1));
            }
        }
    }

    @Test
    void aDeadLinkDoesNotHoldUpACancelAndIsUsedAgainWhenItIsBack() throws Exception {
        LocalServer server = TestServers.shore();
        try (FlakyLink link = FlakyLink.to(server);
                DatabasePools pools = pool(link.url("postgres"), "postgres", 1)) {
            Database database = pools.database("db");
            StoppableWork work = new StoppableWork("over a dead link");
            CompletableFuture<Object> asleep = CompletableFuture.supplyAsync(() -> {
                try (Session session = database.open(work)) {
                    return session.query("select pg_sleep(1)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> asleep(server, "over a dead link"));
            link.freeze();
            work.stop();

            assertThatThrownBy(() -> asleep.get(13, TimeUnit.SECONDS)).hasCauseInstanceOf(WorkCancelledException.class);

            link.thaw();
            try (Session session = database.open(WORK)) {
                assertThat(session.query("select 1 as one")).containsExactly(Map.of("one", 1));
            }
        }
    }

    private static boolean asleep(LocalServer server, String applicationName) throws SQLException {
        try (Connection connection = TestServers.connect(server, "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select 1 from pg_stat_activity where query like '%pg_sleep(1)%'"
                                + " and state = 'active' and application_name = '" + applicationName + "'")) {
            return rows.next();
        }
    }

    @Test
    void aWrongDatabaseOrUserIsPermanentAndSaysWhatToCheck() {
        String url = TestServers.shore().url("nosuch");
        try (DatabasePools pools = pool(url, "postgres", 1)) {
            assertThatThrownBy(() -> pools.database("db").open(WORK))
                    .isInstanceOfSatisfying(OperatorException.class, e -> {
                        assertThat(e).hasMessageContaining("\"nosuch\" does not exist");
                        assertThat(e.hint()).contains("after the last /");
                        assertThat(FailureClass.of(e)).isEqualTo(FailureClass.PERMANENT);
                    });
        }
    }

    @Test
    void passwordsNeverShowInAFailure() {
        DatabaseSettings settings = new DatabaseSettings(
                "db", "jdbc:postgresql://127.0.0.1:1/app", "watchkeeper", Secret.of("s3cret-word"), 1, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            assertThatThrownBy(() -> pools.database("db").open(WORK)).satisfies(e -> {
                for (Throwable one = e; one != null; one = one.getCause()) {
                    assertThat(String.valueOf(one.getMessage())).doesNotContain("s3cret-word");
                }
            });
        }
    }

    @Test
    void writesFindTheNewPrimaryAfterAFailover() throws Exception {
        try (LocalServer first = TestServers.own(Map.of());
                LocalServer second = TestServers.own(Map.of())) {
            for (LocalServer server : List.of(first, second)) {
                TestServers.execute(server, "postgres", "create table t (i int)");
            }
            readOnly(second, true);
            String url = "jdbc:postgresql://127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port()
                    + "/postgres?targetServerType=primary";
            try (DatabasePools pools = pool(url, "postgres", 4)) {
                Database database = pools.database("db");
                try (Session session = database.open(WORK)) {
                    session.update("insert into t values (1)");
                    readOnly(first, true);
                    readOnly(second, false);
                    session.update("set default_transaction_read_only = on");
                    assertThatThrownBy(() -> session.update("insert into t values (2)"))
                            .satisfies(e -> assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE));
                }
                await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                    try (Session session = database.open(WORK)) {
                        session.update("insert into t values (3)");
                        assertThat(session.query("select current_setting('port')::int as port")
                                        .get(0))
                                .containsEntry("port", second.port());
                    }
                });
            }
        }
    }

    @Test
    void standbyKnowsItsRoleAndThePrimaryItsLag() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of());
                LocalServer standby = StandbyServers.of(primary);
                DatabasePools pools = new DatabasePools(List.of(
                        TestServers.settings("primary", primary, "postgres"),
                        TestServers.settings("standby", standby, "postgres")))) {
            try (Session onPrimary = pools.database("primary").open(WORK);
                    Session onStandby = pools.database("standby").open(WORK)) {
                ServerState primaryState = ServerState.read(onPrimary);
                ServerState standbyState = ServerState.read(onStandby);
                assertThat(primaryState.isStandby()).isFalse();
                assertThat(standbyState.isStandby()).isTrue();
                assertThat(standbyState.systemIdentifier()).isEqualTo(primaryState.systemIdentifier());
                assertThat(primaryState.majorVersion()).isGreaterThanOrEqualTo(14);
                await().until(() -> ReplicationProbe.maxLagBytes(onPrimary) == 0);

                onStandby.query("select pg_wal_replay_pause()");
                onPrimary.update("create table t as select generate_series(1, 10000) as i");

                await().untilAsserted(() ->
                        assertThat(ReplicationProbe.maxLagBytes(onPrimary)).isGreaterThan(100_000));
                await().untilAsserted(() ->
                        assertThat(ReplicationProbe.maxLagBytes(onStandby)).isGreaterThan(100_000));
            }
        }
    }

    @Test
    void lagWithoutAnyStandbyIsNone() throws Exception {
        try (DatabasePools pools = TestServers.freshFleet();
                Session session = pools.database("shore").open(WORK)) {
            assertThat(ReplicationProbe.maxLagBytes(session)).isZero();
        }
    }

    private static void readOnly(LocalServer server, boolean on) {
        TestServers.execute(
                server, "postgres", "alter system set default_transaction_read_only = " + (on ? "on" : "off"));
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
    }

    private static DatabasePools pool(String url, String user, int maxConnections) {
        return new DatabasePools(List.of(new DatabaseSettings("db", url, user, null, maxConnections, null, true)));
    }
}
