package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** synchronous_standby_names of a real primary with a real standby. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SynchronousStandbysTest {

    private static final Work WORK = Work.unattended("test");
    private static final Duration WITHIN = Duration.ofSeconds(10);

    @TempDir
    Path state;

    private LocalServer primary;
    private LocalServer standby;
    private DatabasePools pools;

    @BeforeAll
    void start() {
        primary = TestServers.own(Map.of());
        standby = StandbyServers.of(primary);
        TestServers.execute(
                standby,
                "postgres",
                "alter system set primary_conninfo = 'host=127.0.0.1 user=postgres application_name=ship_a port="
                        + primary.port() + "'");
        TestServers.execute(standby, "postgres", "select pg_reload_conf()");
        pools = new DatabasePools(List.of(
                TestServers.settings("shore", primary, "postgres"), TestServers.settings("ship", standby, "postgres")));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> ask("select count(*) from pg_stat_replication where application_name = 'ship_a'"
                                + " and state = 'streaming'")
                        .equals("1"));
    }

    @AfterEach
    void reset() {
        TestServers.execute(primary, "postgres", "alter system reset synchronous_standby_names");
        TestServers.execute(primary, "postgres", "select pg_reload_conf()");
        await().atMost(WITHIN).until(() -> ask("show synchronous_standby_names").isEmpty());
    }

    @AfterAll
    void stop() {
        pools.close();
        standby.delete();
        primary.delete();
    }

    private SynchronousStandbys standbys() {
        return new SynchronousStandbys(pools.database("shore"), new FailoverProbe(pools::database, WORK), WORK, state);
    }

    private String ask(String sql) throws Exception {
        try (Session session = pools.database("shore").open(WORK)) {
            return session.one(sql, row -> row.getString(1));
        }
    }

    private static List<String> codes(Review review) {
        return review.findings().stream().map(ReviewFinding::code).toList();
    }

    @Test
    void anAsynchronousPrimaryIsToldWhatItRisks() throws Exception {
        Review review = standbys().advise();

        assertThat(review.status()).isEqualTo("ok");
        assertThat(review.findings().get(0).message()).contains("lost with the primary's disk", "1 standbys connected");
    }

    @Test
    void aStandbyThatStreamsBecomesSynchronousAndCommitsGetThrough() throws Exception {
        assertThat(standbys().describe(SynchronousNames.any(1, List.of("ship_a")), WITHIN))
                .singleElement()
                .satisfies(action -> assertThat(action.sql())
                        .isEqualTo("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (ship_a)'"));

        Review review = standbys().set(SynchronousNames.any(1, List.of("ship_a")), WITHIN);

        assertThat(ask("show synchronous_standby_names")).isEqualTo("ANY 1 (ship_a)");
        assertThat(ask("select sync_state from pg_stat_replication")).isEqualTo("quorum");
        assertThat(codes(review)).containsExactly("noSpare");
        assertThat(SynchronousRecord.all(state)).isEmpty();
        assertThat(standbys().describe(SynchronousNames.any(1, List.of("ship_a")), WITHIN))
                .isEmpty();

        assertThat(codes(standbys().set(SynchronousNames.NONE, WITHIN))).containsExactly("asynchronous");
        assertThat(ask("show synchronous_standby_names")).isEmpty();
    }

    @Test
    void aStandbyThatIsNotThereIsNotNamed() throws Exception {
        assertThatThrownBy(() -> standbys().set(SynchronousNames.any(1, List.of("ship_a", "ship_b")), WITHIN))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e.getMessage()).startsWith("ship_b does not stream");
                    assertThat(e.hint()).isEqualTo("streaming: ship_a.");
                });
        assertThat(ask("show synchronous_standby_names")).isEmpty();
    }

    @Test
    void commitsThatDoNotGetThroughPutTheSettingBack() throws Exception {
        String receiver;
        try (Session session = pools.database("ship").open(WORK)) {
            receiver = session.one("select pid::text from pg_stat_wal_receiver", row -> row.getString(1));
        }
        // It still counts as streaming for a minute, and answers nothing.
        signal("STOP", receiver);
        try {
            assertThatThrownBy(
                            () -> standbys().set(SynchronousNames.first(1, List.of("ship_a")), Duration.ofSeconds(1)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("did not get through within 1.0 s");
        } finally {
            signal("CONT", receiver);
        }
        await().atMost(WITHIN).until(() -> ask("show synchronous_standby_names").isEmpty());
        assertThat(SynchronousRecord.all(state)).isEmpty();
        assertThat(ask("select count(*) from pg_stat_activity where wait_event = 'SyncRep'"))
                .isEqualTo("0");
    }

    @Test
    void aChangeThatNobodySawWorkIsTakenBackAfterACrash() throws Exception {
        // As if the agent had died right after ALTER SYSTEM.
        SynchronousRecord.of(state, "shore", null, "ANY 1 (ship_b)").write();
        TestServers.execute(primary, "postgres", "alter system set synchronous_standby_names = 'ANY 1 (ship_b)'");
        TestServers.execute(primary, "postgres", "select pg_reload_conf()");
        await().atMost(WITHIN).until(() -> ask("show synchronous_standby_names").equals("ANY 1 (ship_b)"));
        Review blocked = standbys().advise();
        assertThat(blocked.status()).isEqualTo("fail");
        assertThat(blocked.findings().get(0).message()).contains("commits wait for 1 standbys", "0 are streaming");

        LockFile somebodyIsAtIt = SynchronousRecord.lock(state, "shore").orElseThrow();
        SynchronousStandbys.sweep(state, pools::database);
        assertThat(SynchronousRecord.all(state)).hasSize(1);
        somebodyIsAtIt.close();

        SynchronousStandbys.sweep(state, pools::database);

        await().atMost(WITHIN).until(() -> ask("show synchronous_standby_names").isEmpty());
        assertThat(SynchronousRecord.all(state)).isEmpty();
    }

    @Test
    void aChangeThatHasProvenItselfMeanwhileStays() throws Exception {
        SynchronousRecord record = SynchronousRecord.of(state, "shore", null, "ANY 1 (ship_a)");
        record.write();

        SynchronousStandbys.sweep(state, name -> {
            // Whoever made it is done just when the sweep comes to it.
            TestServers.execute(primary, "postgres", "alter system set synchronous_standby_names = 'ANY 1 (ship_a)'");
            TestServers.execute(primary, "postgres", "select pg_reload_conf()");
            record.delete();
            return pools.database(name);
        });

        assertThat(ask("select setting from pg_file_settings where name = 'synchronous_standby_names' and applied"))
                .isEqualTo("ANY 1 (ship_a)");
    }

    @Test
    void aPersonsLaterChangeStays() throws Exception {
        SynchronousRecord.of(state, "shore", null, "ANY 1 (ship_b)").write();
        TestServers.execute(primary, "postgres", "alter system set synchronous_standby_names = 'FIRST 1 (ship_a)'");
        TestServers.execute(primary, "postgres", "select pg_reload_conf()");

        SynchronousStandbys.sweep(state, pools::database);

        await().atMost(WITHIN).until(() -> ask("show synchronous_standby_names").equals("FIRST 1 (ship_a)"));
        assertThat(SynchronousRecord.all(state)).isEmpty();
    }

    @Test
    void aStandbyIsSentToItsPrimary() {
        SynchronousStandbys there =
                new SynchronousStandbys(pools.database("ship"), new FailoverProbe(pools::database, WORK), WORK, state);

        assertThatThrownBy(() -> there.set(SynchronousNames.NONE, WITHIN))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e.getMessage())
                            .contains("is a standby; it gets its log from 127.0.0.1:" + primary.port());
                    assertThat(e.hint()).contains("targetServerType=primary");
                });
    }

    private static void signal(String name, String pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor())
                .isZero();
    }
}
