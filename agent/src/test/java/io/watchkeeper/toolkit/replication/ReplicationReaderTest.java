package io.watchkeeper.toolkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicationReaderTest {

    private LocalServer primary;
    private LocalServer standby;
    private DatabasePools pools;

    @BeforeAll
    void start() {
        primary = TestServers.own(Map.of());
        standby = StandbyServers.of(primary);
        pools = new DatabasePools(List.of(TestServers.settings("shore", primary, "postgres")));
    }

    @AfterAll
    void stop() {
        pools.close();
        standby.delete();
        primary.delete();
    }

    @Test
    void anIdleStandbyIsNotBehind() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            ReplicatingServer now = read();
            assertThat(now.standby()).isFalse();
            assertThat(now.replicas()).singleElement().satisfies(replica -> {
                assertThat(replica.connection()).isEqualTo("streaming");
                assertThat(replica.bytes().replay()).isZero();
                assertThat(replica.seconds()).isZero();
            });
        });
    }

    @Test
    void aPausedReplayIsBehindInItsLastStageOnly() throws Exception {
        TestServers.execute(standby, "postgres", "select pg_wal_replay_pause()");
        try {
            TestServers.execute(primary, "postgres", "create table pause_" + System.nanoTime() + " as select 1 as a");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                var bytes = read().replicas().get(0).bytes();
                assertThat(bytes.flush()).isZero();
                assertThat(bytes.replay()).isPositive();
            });
        } finally {
            TestServers.execute(standby, "postgres", "select pg_wal_replay_resume()");
        }
    }

    private ReplicatingServer read() throws Exception {
        return new ReplicationReader(pools.database("shore"), Work.unattended("test"), Clock.systemUTC()).read();
    }
}
