package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A switchover of a primary with more standbys: those that are told to follow the new one do, and the others lose nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SwitchoverFollowersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SLOTS =
            "select coalesce(string_agg(slot_name, ' ' order by slot_name), '') from pg_replication_slots";

    @TempDir
    static Path state;

    private SwitchoverPair pair;

    @BeforeAll
    void start() {
        pair = new SwitchoverPair(state, "mover", "stayer", "bare");
        pair.sql("a", "select pg_create_physical_replication_slot('b', true)");
        pair.sql("b", "alter system set primary_slot_name = 'b'");
        pair.sql("b", "select pg_reload_conf()");
        await().atMost(PATIENCE)
                .until(() -> pair.ask("a", "select count(*) from pg_replication_slots where active")
                        .equals("4"));
    }

    @AfterAll
    void stop() {
        pair.close();
    }

    private static SwitchoverPlan plan(String... repoint) {
        return new SwitchoverPlan(
                "a", "b", "a→b", Bytes.megabytes(16), PATIENCE, null, null, List.of(repoint), false, false);
    }

    @Test
    @Order(1)
    void onlyAStandbyOfThePrimaryIsRepointed() {
        try (LocalServer stranger = TestServers.own(Map.of());
                DatabasePools pools =
                        new DatabasePools(List.of(SwitchoverPair.settings("stranger", stranger.port())))) {
            Switchover switchover = new Switchover(
                    name -> (name.equals("stranger") ? pools : pair.pools).database(name),
                    SwitchoverPair.WORK,
                    state,
                    null);
            assertThatThrownBy(() -> switchover.run(plan("stranger", "b")))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("'stranger' is to be repointed and is no standby")
                    .hasMessageContaining("'b' is among those that are to be repointed");
        }
    }

    @Test
    @Order(2)
    void slotsOfThoseThatStayAreKept() throws Exception {
        // It is away for a while, as ships are.
        pair.server("stayer").stop();

        SwitchoverResult result = pair.switchover().run(plan("mover"));

        assertThat(result.notes().toString()).contains("slots bare, stayer stay on 'a'");
        assertThat(pair.ask("a", SLOTS)).isEqualTo("bare stayer");
        assertThat(pair.ask("b", SLOTS)).isEqualTo("mover watchkeeper_a");
        assertThat(pair.ask("mover", "select slot_name || ' ' || sender_port from pg_stat_wal_receiver"))
                .isEqualTo("mover " + pair.server("b").port());
        pair.server("stayer").start();
        pair.sql("b", "insert into promises values (-1, 'after')");
        for (String one : List.of("a", "mover", "stayer", "bare")) {
            await().atMost(PATIENCE)
                    .until(() -> pair.ask(one, "select count(*) from promises where id = -1")
                            .equals("1"));
        }
    }
}
