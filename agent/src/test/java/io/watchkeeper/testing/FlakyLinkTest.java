package io.watchkeeper.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.FlakyLink.Fault;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlakyLinkTest {

    private final FlakyLink link = FlakyLink.to(TestServers.shore());

    @AfterEach
    void close() {
        link.close();
    }

    @Test
    void carriesConnectionsAndCountsRoundTrips() throws Exception {
        try (Connection connection = connect()) {
            long before = link.roundTrips();
            assertThat(ask(connection, "select 7")).isEqualTo("7");
            assertThat(ask(connection, "select repeat('x', 3000000)")).hasSize(3_000_000);
            assertThat(link.roundTrips() - before).isEqualTo(2);
            assertThat(link.bytes()).isGreaterThan(3_000_000);
            assertThat(link.connections()).isEqualTo(1);
        }
    }

    @Test
    void goesOnWhereItFroze() throws Exception {
        try (Connection connection = connect()) {
            link.freeze();
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> askUnchecked(connection, "select 7"));
            CompletableFuture<Connection> other = CompletableFuture.supplyAsync(this::connectUnchecked);
            assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(other).isNotDone();
            link.thaw();
            assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo("7");
            other.get(5, TimeUnit.SECONDS).close();
        }
    }

    @Test
    void keepsTheServersSessionWhileItIsFrozenAndTheClientIsGone() throws Exception {
        Connection connection = connect();
        String pid = ask(connection, "select pg_backend_pid()");
        link.freeze();
        connection.close();
        try (Connection direct = TestServers.connect(TestServers.shore(), "postgres")) {
            String isThere = "select count(*) from pg_stat_activity where pid = " + pid;
            await().during(Duration.ofMillis(300))
                    .until(() -> ask(direct, isThere).equals("1"));
            link.expireFarEnds();
            await().until(() -> ask(direct, isThere).equals("0"));
        }
    }

    @Test
    void losesWhatIsOpenWithoutAWord() throws Exception {
        Connection connection = connect();
        link.lose();
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> askUnchecked(connection, "select 7"));
        try (Connection other = connect()) {
            assertThat(ask(other, "select 8")).isEqualTo("8");
        }
        assertThat(answer).isNotDone();
        link.expireNearEnds();
        assertThatThrownBy(() -> answer.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(java.io.IOException.class);
    }

    @Test
    void cutsWhatIsOpenAndRefusesWhatIsNew() throws Exception {
        Connection connection = connect();
        link.refuse(true);
        assertThat(ask(connection, "select 7")).isEqualTo("7");
        link.cut();
        assertThatThrownBy(() -> ask(connection, "select 7")).isInstanceOf(SQLException.class);
        assertThatThrownBy(this::connect).isInstanceOf(SQLException.class);
        link.refuse(false);
        connect().close();
    }

    @Test
    void isAsFarAsItIsTold() throws Exception {
        try (Connection connection = connect()) {
            link.latency(Duration.ofMillis(100));
            long start = System.nanoTime();
            ask(connection, "select 7");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(200), Duration.ofMillis(600));
        }
    }

    @Test
    void isAsSlowAsItIsTold() throws Exception {
        try (Connection connection = connect()) {
            link.bytesPerSecond(1_000_000);
            long start = System.nanoTime();
            ask(connection, "select repeat('x', 500000)");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(400), Duration.ofMillis(900));
        }
    }

    @Test
    void flapsUntilItIsTold() throws Exception {
        link.flap(Fault.CUT, Duration.ofMillis(50), Duration.ofMillis(50));
        await().until(() -> link.downs() >= 3);
        link.steady();
        int downs = link.downs();
        try (Connection connection = connect()) {
            assertThat(ask(connection, "select pg_sleep(0.2)")).isEmpty();
        }
        assertThat(link.downs()).isEqualTo(downs);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(link.url("postgres"), "postgres", "");
    }

    private Connection connectUnchecked() {
        try {
            return connect();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static String askUnchecked(Connection connection, String sql) {
        try {
            return ask(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
