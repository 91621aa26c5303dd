package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each of those who keep dead rows, planted on a server of the test's own with a standby. */
class XminHorizonTest {

    private static final Work WORK = Work.unattended("horizon test");
    private static final XminLimits AT_ONCE = new XminLimits(Duration.ofHours(1), Duration.ofHours(2), 1);

    private static LocalServer primary;
    private static LocalServer standby;
    private static DatabasePools pools;
    private static Database database;

    @BeforeAll
    static void start() {
        primary = TestServers.own(Map.of(
                "max_prepared_transactions", "5", "wal_level", "logical", "autovacuum", "off", "hot_standby", "on"));
        standby = StandbyServers.of(primary);
        pools = new DatabasePools(List.of(
                TestServers.settings("shore", primary, "postgres"), TestServers.settings("ship", standby, "postgres")));
        database = pools.database("shore");
        TestServers.execute(
                primary, "postgres", "create table t (i int); insert into t select generate_series(1, 100)");
    }

    @AfterAll
    static void stop() {
        pools.close();
        standby.delete();
        primary.delete();
    }

    @Test
    void nothingIsHeldBack() throws Exception {
        await().untilAsserted(() -> {
            Review review = review(database, AT_ONCE);
            assertThat(review.status()).isEqualTo("ok");
            assertThat(review.summary()).isEqualTo("nothing keeps VACUUM from removing dead rows");
        });
    }

    @Test
    void anOldTransactionIsNamedWithItsSession() throws Exception {
        try (Connection reader = reader(primary)) {
            write();

            Review review = review(database, AT_ONCE);

            ReviewFinding found = only(review, "transaction");
            assertThat(found.message()).contains("the transaction of pid ").contains("(postgres, ");
            assertThat(found.remedy()).matches("SELECT pg_terminate_backend\\(\\d+\\);");
            assertThat(review.evidence().get(0))
                    .containsEntry("kind", "transaction")
                    .containsKey("seconds");
            assertThat(review(database, new XminLimits(Duration.ZERO, Duration.ZERO, 1))
                            .status())
                    .isEqualTo("fail");
            assertThat(review(database, new XminLimits(Duration.ofHours(1), Duration.ofHours(2), 1_000))
                            .status())
                    .isEqualTo("ok");
            reader.rollback();
        }
    }

    @Test
    void aPreparedTransactionIsNamedByItsIdentifier() throws Exception {
        try (Connection other = TestServers.connect(primary, "postgres");
                Statement statement = other.createStatement()) {
            statement.execute("begin; insert into t values (0); prepare transaction 'it''s me'");
            write();

            ReviewFinding found = only(review(database, AT_ONCE), "preparedTransaction");

            assertThat(found.message()).contains("the prepared transaction 'it's me' of postgres");
            assertThat(found.remedy()).startsWith("ROLLBACK PREPARED 'it''s me';");
            statement.execute("rollback prepared 'it''s me'");
        }
    }

    @Test
    void feedbackOfAStandbyIsNamedAndThenTheSlotThatItLeaves() throws Exception {
        TestServers.execute(primary, "postgres", "select pg_create_physical_replication_slot('leaves')");
        TestServers.execute(standby, "postgres", "alter system set hot_standby_feedback = on");
        TestServers.execute(standby, "postgres", "alter system set wal_receiver_status_interval = '1s'");
        TestServers.execute(standby, "postgres", "select pg_reload_conf()");
        try (Connection reader = reader(standby)) {
            assertThat(reader.isClosed()).isFalse();
            write();
            await().untilAsserted(() -> {
                ReviewFinding found = only(review(database, AT_ONCE), "standbyFeedback");
                assertThat(found.message()).contains("a query on standby '").contains("walsender pid ");
                assertThat(found.remedy()).contains("hot_standby_feedback = off");
            });

            TestServers.execute(standby, "postgres", "alter system set primary_slot_name = 'leaves'");
            TestServers.execute(standby, "postgres", "select pg_reload_conf()");
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(only(review(database, AT_ONCE), "standbyFeedback")
                                    .message())
                            .contains("through slot leaves"));

            standby.stop();
            await().untilAsserted(() -> {
                ReviewFinding found = only(review(database, AT_ONCE), "slot");
                assertThat(found.message()).contains("the slot leaves (physical, nobody reads it)");
                assertThat(found.remedy()).startsWith("SELECT pg_drop_replication_slot('leaves');");
            });
        } finally {
            standby.stop();
            TestServers.execute(primary, "postgres", "select pg_drop_replication_slot('leaves')");
            standby.start();
            TestServers.execute(standby, "postgres", "alter system reset all");
            TestServers.execute(standby, "postgres", "select pg_reload_conf()");
        }
    }

    @Test
    void aStandbySaysThatItsQueriesHoldBackNothing() throws Exception {
        assertThat(review(pools.database("ship"), AT_ONCE).summary())
                .startsWith("a standby, whose queries hold back nothing");
    }

    @Test
    void whoMayNotSeeTheSessionsOfOthersIsTold() throws Exception {
        TestServers.execute(primary, "postgres", "create role blind login");
        DatabaseSettings settings =
                new DatabaseSettings("shore", primary.url("postgres"), "blind", null, 2, null, true);
        try (DatabasePools other = new DatabasePools(List.of(settings))) {
            ReviewFinding found = only(review(other.database("shore"), AT_ONCE), "unreadable");
            assertThat(found.remedy()).isEqualTo("GRANT pg_read_all_stats TO blind;");
        }
    }

    private static Review review(Database of, XminLimits limits) throws SQLException {
        return new XminHorizon(of, WORK, Measurements.none(), Clock.systemUTC()).review(limits);
    }

    private static ReviewFinding only(Review review, String code) {
        return review.findings().stream()
                .filter(one -> one.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new AssertionError(review.toString()));
    }

    private static Connection reader(LocalServer server) throws SQLException {
        Connection reader = TestServers.connect(server, "postgres");
        reader.setAutoCommit(false);
        try (Statement statement = reader.createStatement()) {
            statement.execute("set transaction isolation level repeatable read");
            statement.execute("select count(*) from pg_class");
        }
        return reader;
    }

    private static void write() throws SQLException {
        try (Session session = database.open(WORK)) {
            session.update("update t set i = i");
            session.update("update t set i = i");
        }
    }
}
