package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.ServerCertificate;
import io.watchkeeper.testing.TestServers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** With limits of about two seconds instead of half a minute. */
class LinkWatchTest {

    /** Of the shortened limits, and some for a busy machine. */
    private static final int SOON = 8;

    private final String databaseName = TestServers.freshDatabase(TestServers.ship());
    private final FlakyLink link = FlakyLink.to(TestServers.ship());
    private final DatabasePools pools = ShortPatience.pools(link.settings("ship", databaseName));
    private final Database ship = pools.database("ship");

    @AfterEach
    void close() {
        link.close();
        pools.close();
    }

    @Test
    void aLongQueryOverALinkThatWentDeadFailsAndSaysSo() throws Exception {
        CompletableFuture<Object> asleep = inSession(session -> session.query("select pg_sleep(600)"));
        awaitActive("pg_sleep(600)");
        link.freeze();
        assertThatThrownBy(() -> asleep.get(SOON, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(SQLException.class)
                .hasMessageMatching("the link to 'ship' \\(127.0.0.1:" + link.port()
                        + "\\) is dead: no byte for [0-9.]+ s, and a new connection was not answered")
                .satisfies(e -> assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE))
                .satisfies(e -> assertThat(FailureClass.sqlState(e)).contains(SqlStates.CONNECTION_FAILURE));
        link.expireFarEnds();
    }

    @Test
    void aStatementSentIntoADeadLinkFails() throws Exception {
        CompletableFuture<Object> answer = inSession(session -> {
            link.freeze();
            return session.query("select 1");
        });
        assertDead(answer);
    }

    @Test
    void readingRowsFromADeadLinkFails() throws Exception {
        AtomicLong read = new AtomicLong();
        link.bytesPerSecond(5_000_000);
        CompletableFuture<Object> rows = inSession(session -> {
            byte[] block = new byte[8192];
            try (CopyReader reader =
                    session.copyOut("copy (select repeat('x', 1000) from generate_series(1, 1000000)) to stdout")) {
                for (int n = reader.read(block); n >= 0; n = reader.read(block)) {
                    read.addAndGet(n);
                }
            }
            return read.get();
        });
        await().until(() -> read.get() > 100_000);
        link.freeze();
        assertDead(rows);
    }

    @Test
    void writingRowsIntoADeadLinkFails() throws Exception {
        AtomicLong written = new AtomicLong();
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        CompletableFuture<Object> rows = inSession(session -> copyIn(session, written, 100_000_000, 0));
        await().until(() -> written.get() > 1_000_000);
        link.freeze();
        assertDead(rows);
    }

    @Test
    void writingAFewRowsNowAndThenIntoADeadLinkFailsThoughTheSystemTakesThem() throws Exception {
        AtomicLong written = new AtomicLong();
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        CompletableFuture<Object> rows = inSession(session -> copyIn(session, written, 100_000_000, 20));
        await().until(() -> written.get() > 10_000);
        link.freeze();
        assertDead(rows);
        assertThat(written.get()).isLessThan(5_000_000);
    }

    @Test
    void aCommitThatIsNotAnsweredFails() throws Exception {
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        CompletableFuture<Object> committed = inSession(session -> {
            session.begin();
            session.update("insert into t values ('x')");
            link.freeze();
            session.commit();
            return true;
        });
        assertDead(committed);
    }

    @Test
    void aConnectionThatARouterForgotFailsThoughNewOnesPass() throws Exception {
        CompletableFuture<Object> answer = inSession(session -> {
            session.begin();
            session.query("select 1");
            link.lose();
            return session.query("select 2");
        });
        assertThatThrownBy(() -> answer.get(SOON, TimeUnit.SECONDS))
                .cause()
                .hasMessageMatching("a connection to 'ship' \\(127.0.0.1:[0-9]+\\) was lost: no byte for [0-9.]+ s,"
                        + " and the server says that it has long been idle in transaction in it");
    }

    @Test
    void aSessionWhoseProcessIsGoneFails() throws Exception {
        CompletableFuture<Object> asleep = inSession(session -> session.query("select pg_sleep(601)"));
        awaitActive("pg_sleep(601)");
        link.lose();
        ask(
                "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(601)%' and pid <> pg_backend_pid()");
        assertThatThrownBy(() -> asleep.get(SOON, TimeUnit.SECONDS))
                .cause()
                .hasMessageContaining("the server says that it has no process for it any more");
    }

    @Test
    void anHonestLongStatementIsLeftAloneAndAskedAboutOverOneConnection() throws Exception {
        CompletableFuture<Object> asleep = inSession(session -> session.query("select pg_sleep(4)"));
        asleep.get(SOON, TimeUnit.SECONDS);
        assertThat(link.connections()).isEqualTo(2);
    }

    @Test
    void nothingIsAskedWhileBytesPass() throws Exception {
        inSession(session -> {
                    for (int i = 0; i < 20; i++) {
                        session.query("select pg_sleep(0.1)");
                    }
                    return true;
                })
                .get(SOON, TimeUnit.SECONDS);
        assertThat(link.connections()).isEqualTo(1);
    }

    @Test
    void waitingForALockIsLeftAlone() throws Exception {
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        try (Connection other = TestServers.connect(TestServers.ship(), databaseName)) {
            other.setAutoCommit(false);
            try (Statement lock = other.createStatement()) {
                lock.execute("lock table t");
            }
            CompletableFuture<Object> waiting = inSession(session -> {
                session.lockTimeout(Duration.ZERO);
                return session.query("select count(*) from t");
            });
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(4)).until(() -> !waiting.isDone());
            other.rollback();
            waiting.get(SOON, TimeUnit.SECONDS);
        }
    }

    @Test
    void aSlowSourceOfRowsIsNoDeadLink() throws Exception {
        AtomicLong written = new AtomicLong();
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        inSession(session -> copyIn(session, written, 4_000, 1_000)).get(2 * SOON, TimeUnit.SECONDS);
        assertThat(ask("select count(*) from t")).isEqualTo("4");
    }

    @Test
    void aSlowLinkIsNoDeadLink() throws Exception {
        AtomicLong written = new AtomicLong();
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        try (Session session = ship.open(Work.unattended("slow"))) {
            link.bytesPerSecond(100_000);
            copyIn(session, written, 300_000, 0);
            session.query("select length(?)", "x".repeat(200_000));
        }
        assertThat(ask("select count(*) from t")).isEqualTo("300");
    }

    @Test
    void aServerThatLetsNobodyInToAskIsNotDead() throws Exception {
        String role = databaseName + "_one";
        TestServers.execute(TestServers.ship(), databaseName, "create role " + role + " login connection limit 1");
        DatabaseSettings settings = new DatabaseSettings("one", link.url(databaseName), role, null, 1, null, true);
        try (DatabasePools one = ShortPatience.pools(settings);
                Session session = one.database("one").open(Work.unattended("one"))) {
            session.query("select pg_sleep(4)");
            assertThat(link.connections()).isGreaterThan(1);
        }
    }

    @Test
    void theNextSessionEndsWhatALostOneLeftBehind() throws Exception {
        TestServers.execute(TestServers.ship(), databaseName, "create table t (v text)");
        CompletableFuture<Object> lost = inSession(session -> {
            session.begin();
            session.update("lock table t");
            link.lose();
            return session.query("select 1");
        });
        assertThatThrownBy(() -> lost.get(SOON, TimeUnit.SECONDS)).hasMessageContaining("was lost");
        assertThat(ask("select count(*) from pg_locks where relation = 't'::regclass"))
                .isEqualTo("1");

        try (Session session = ship.open(Work.unattended("next"))) {
            session.lockTimeout(Duration.ofMillis(1));
            session.begin();
            session.update("lock table t");
        }
    }

    @Test
    void encryptionDoesNotKeepADeadLinkFromBeingNoticed() throws Exception {
        try (LocalServer server = TestServers.own(Map.of())) {
            ServerCertificate.install(server.data());
            TestServers.execute(server, "postgres", "alter system set ssl = on");
            TestServers.execute(server, "postgres", "select pg_reload_conf()");
            try (FlakyLink tls = FlakyLink.to(server);
                    DatabasePools encrypted = ShortPatience.pools(new DatabaseSettings(
                            "ship", tls.url("postgres") + "?sslmode=require", "postgres", null, 2, null, true))) {
                AtomicLong written = new AtomicLong();
                TestServers.execute(server, "postgres", "create table t (v text)");
                CompletableFuture<Object> rows =
                        in(encrypted.database("ship"), session -> copyIn(session, written, 100_000_000, 0));
                await().until(() -> written.get() > 1_000_000);
                tls.freeze();
                assertDead(rows);
            }
        }
    }

    @Test
    void theUsualLimitsGiveADeadLinkUpWithinHalfAMinute() {
        LinkLimits usual = LinkLimits.USUAL;
        // It dies while a long statement is asked about now and then, or it dies before the first question.
        Duration whileAsking = usual.askAgain()
                .plus(usual.answer())
                .plus(usual.connect())
                .plus(usual.look().multipliedBy(3));
        Duration beforeAsking =
                usual.quiet().plus(usual.connect()).plus(usual.look().multipliedBy(3));
        assertThat(whileAsking).isGreaterThan(usual.patience()).isLessThan(Duration.ofSeconds(30));
        assertThat(beforeAsking).isGreaterThan(usual.patience()).isLessThan(Duration.ofSeconds(30));
    }

    private interface InSession {
        Object run(Session session) throws Exception;
    }

    private CompletableFuture<Object> inSession(InSession action) {
        return in(ship, action);
    }

    private static CompletableFuture<Object> in(Database database, InSession action) {
        return CompletableFuture.supplyAsync(() -> {
            try (Session session = database.open(Work.unattended("over a link"))) {
                return action.run(session);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    private static void assertDead(CompletableFuture<Object> work) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> work.get(SOON, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("the link to 'ship'")
                .hasMessageContaining("is dead: no byte for ");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(SOON));
    }

    /** Rows of 1,000 bytes. */
    private static Object copyIn(Session session, AtomicLong written, long bytes, long pauseMs) throws Exception {
        CopyIn copy = session.call(() ->
                session.connection().unwrap(PGConnection.class).getCopyAPI().copyIn("copy t from stdin"));
        byte[] row = ("x".repeat(999) + "\n").getBytes(StandardCharsets.US_ASCII);
        while (written.get() < bytes) {
            session.call(() -> {
                copy.writeToCopy(row, 0, row.length);
                copy.flushCopy();
                return true;
            });
            written.addAndGet(row.length);
            TimeUnit.MILLISECONDS.sleep(pauseMs);
        }
        return session.call(copy::endCopy);
    }

    private void awaitActive(String query) {
        await().until(() ->
                ask("select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()"
                                + " and query like '%" + query + "%'")
                        .equals("1"));
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = TestServers.connect(TestServers.ship(), databaseName);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
