package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.TestServers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpkeepProbeTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void readsWorkersXidAgeAndDeadRows() throws Exception {
        LocalServer server = TestServers.shore();
        String name = TestServers.freshDatabase(server);
        TestServers.execute(server, name, """
                create table big (id int) with (autovacuum_enabled = off);
                insert into big select generate_series(1, 4000);
                create table small (id int);
                insert into small select generate_series(1, 10);
                analyze big;
                """);
        TestServers.execute(server, name, "delete from big where id <= 1000");
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", server, name)));
                Session session = pools.database("shore").open(Work.unattended("test"))) {
            // The statistics come a little after what they are of.
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                ServerUpkeep upkeep = UpkeepProbe.read(session, NOW).orElseThrow();
                assertThat(upkeep.tables()).extracting(ServerUpkeep.Table::name).containsExactly("public.big");
                assertThat(upkeep.tables().get(0).deadRatio()).isEqualTo(0.25);
            });
            ServerUpkeep upkeep = UpkeepProbe.read(session, NOW).orElseThrow();
            assertThat(upkeep.database()).isEqualTo("shore");
            assertThat(upkeep.maxWorkers()).isEqualTo(3);
            assertThat(upkeep.workers()).isBetween(0, 3);
            assertThat(upkeep.oldestXidAge()).isPositive().isLessThan(200_000_000);
            assertThat(upkeep.freezeMaxAge()).isEqualTo(200_000_000);
        }
    }
}
