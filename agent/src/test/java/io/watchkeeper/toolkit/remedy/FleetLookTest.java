package io.watchkeeper.toolkit.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetLookTest {

    @TempDir
    Path state;

    /** Debian calls every cluster 15/main, and a standby's cluster_name is what it calls itself where nothing else is said. */
    @Test
    void twoThatAreCalledAlikeAreNotTakenForEachOther() throws Exception {
        try (LocalServer primary = TestServers.own(Map.of("cluster_name", "'15/main'"));
                LocalServer first = StandbyServers.of(primary);
                LocalServer second = StandbyServers.of(primary);
                DatabasePools pools = new DatabasePools(List.of(
                        new DatabaseSettings("shore", primary.url("postgres"), "postgres", null, 4, null, true),
                        new DatabaseSettings("ship1", first.url("postgres"), "postgres", null, 4, "shore", true),
                        new DatabaseSettings("ship2", second.url("postgres"), "postgres", null, 4, "shore", true)))) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> RemedyFleet.one(
                                    primary,
                                    "select count(*) from pg_stat_replication where state = 'streaming'"
                                            + " and application_name = '15/main'")
                            .equals("2"));
            Clock clock = Clock.systemUTC();
            ReplicationSight sight = new ReplicationSight(pools.all(), state, new ReplicationBoard(), clock);

            List<Behind> seen = new FleetLook(pools.database("shore"), sight, Work.unattended("test"), clock).look();

            assertThat(seen).hasSize(2).allSatisfy(behind -> {
                assertThat(behind.standby()).isNull();
                assertThat(behind.replica().isConnected()).isTrue();
            });
        }
    }
}
