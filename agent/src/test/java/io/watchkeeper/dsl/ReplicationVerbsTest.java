package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code replicationLag} and {@code dropLeakedSlots} in a step, on a primary and a standby. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicationVerbsTest {

    private LocalServer primary;
    private LocalServer standby;
    private DatabasePools pools;

    @BeforeAll
    void start() {
        primary = TestServers.own(Map.of());
        TestServers.execute(primary, "postgres", "create table numbers (n int)");
        standby = StandbyServers.of(primary);
        pools = new DatabasePools(List.of(
                TestServers.settings("shore", primary, "postgres"), TestServers.settings("ship", standby, "postgres")));
    }

    @AfterAll
    void stop() {
        pools.close();
        standby.close();
        primary.close();
    }

    @Test
    void lagOverTheLimitFailsTheStepWithItsResultRecorded() throws Exception {
        StandbyServers.pauseReplay(standby);
        try {
            TestServers.execute(primary, "postgres", "insert into numbers select generate_series(1, 10000)");
            awaitReceived();
            String code = "replicationLag('shore') { alertAfterBytes 100.kilobytes; standbys 1 }";
            RecordingContext context = context(false);
            assertThatThrownBy(() -> run(context, code))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("standby '127.0.0.1'")
                    .hasMessageContaining("(limit 100 KB)")
                    .hasMessageContaining("received and not replayed");
            assertThat(context.results).singleElement().satisfies(result -> {
                assertThat(result.verb()).isEqualTo("replicationLag");
                assertThat(result.fields())
                        .containsEntry("status", "alert")
                        .containsKeys("replicas", "slots", "position");
            });

            RecordingContext dry = context(true);
            run(dry, code);
            assertThat(dry.plans).containsExactly("replicationLag shore");
            assertThat(dry.notes).singleElement().asString().contains("behind 'shore'");

            assertThatThrownBy(() -> run(context(false), "replicationLag('ship') { alertAfterBytes 100.kilobytes }"))
                    .hasMessageContaining("somebody has paused replay");
        } finally {
            TestServers.execute(standby, "postgres", "select pg_wal_replay_resume()");
        }
    }

    /** Until the standby has all that the primary wrote, and only replay is behind. */
    private void awaitReceived() throws SQLException {
        try (Connection connection = TestServers.connect(primary, "postgres");
                Statement statement = connection.createStatement()) {
            Awaitility.await().until(() -> {
                ResultSet row = statement.executeQuery(
                        "select bool_and(flush_lsn >= pg_current_wal_lsn()) from pg_stat_replication");
                return row.next() && row.getBoolean(1);
            });
        }
    }

    @Test
    void resultSaysHowFarEachIsAndWarningsAreLogged() throws Exception {
        RecordingContext context = context(false);
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            context.log.clear();
            run(context, """
                    def lag = replicationLag('shore') { warnAfter 30.seconds; alertAfter 120.seconds; fullWithin 1.hours; except 'x_*' }
                    lag.replicas().each { log.info "${it.name()} ${it.seconds()} ${it.status()} ${it.isConnected()}" }
                    log.info "${lag.status()} ${lag.seconds()} ${lag.secondsToFull()}"
                    """);
            assertThat(context.log).containsExactly("info 127.0.0.1 0.0 OK true", "info OK 0.0 null");
        });
        run(context, "replicationLag('shore')");
    }

    @Test
    void leakedSlotIsDescribedThenDropped() throws Exception {
        TestServers.execute(primary, "postgres", "select pg_create_physical_replication_slot('leaked', true)");
        TestServers.execute(primary, "postgres", "insert into numbers select generate_series(1, 10000)");
        String code = """
                def slots = dropLeakedSlots('shore') { inactiveFor 0.seconds; retaining 10.kilobytes; keep 'x'; budget 'ship_*', 1.gigabytes }
                slots.dropped().each { log.info "${it.name()} goes" }
                """;
        RecordingContext dry = context(true);
        run(dry, code);
        assertThat(dry.plans).containsExactly("dropLeakedSlots shore");
        assertThat(dry.notes).singleElement().asString().contains("nobody reads it");
        assertThat(dry.results).isEmpty();

        RecordingContext context = context(false);
        run(context, code);
        assertThat(context.log)
                .contains("info leaked goes")
                .anyMatch(line -> line.startsWith("warn slot leaked was dropped"));
        assertThat(context.results.get(0).fields()).containsEntry("dropped", List.of("leaked"));
    }

    @Test
    void dropLeakedSlotsNeedsBothConditions() {
        assertThat(Loading.problemsOfStep("dropLeakedSlots('shore') { inactiveFor 30.minutes }"))
                .singleElement()
                .asString()
                .contains("retaining");
    }

    private RecordingContext context(boolean dryRun) {
        RecordingContext context = new RecordingContext(dryRun);
        context.databases.put("shore", pools.database("shore"));
        context.databases.put("ship", pools.database("ship"));
        return context;
    }

    private static void run(RecordingContext in, String code) throws Exception {
        Loading.runbook("runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }
}
