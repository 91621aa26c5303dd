package io.watchkeeper.toolkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationWatchTest {

    private static final Duration EVERY = Duration.ofMillis(200);

    @TempDir
    private Path state;

    @Test
    void looksAgainAndAgainNotesWhatIsDownAndGoesOnWhenItIsBack() {
        LocalServer server = TestServers.own(Map.of());
        TestServers.execute(server, "postgres", "select pg_create_physical_replication_slot('somebody', true)");
        try (DatabasePools pools = new DatabasePools(List.of(
                new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 1, null, true),
                new DatabaseSettings(
                        "ship", "jdbc:postgresql://127.0.0.1:1/app", "postgres", null, 1, "shore", true)))) {
            ReplicationBoard board = new ReplicationBoard();
            ReplicationSight sight = new ReplicationSight(pools.all(), state, board, Clock.systemUTC());
            try (ReplicationWatch watch = new ReplicationWatch(sight, pools.all(), EVERY)) {
                assertThat(watch).isNotNull();
                Awaitility.await().ignoreExceptions().untilAsserted(() -> {
                    assertThat(board.server("shore").orElseThrow().slots()).hasSize(1);
                    assertThat(board.server("ship").orElseThrow().problem()).isNotNull();
                });
                Instant first = board.server("shore").orElseThrow().at();
                Awaitility.await()
                        .until(() -> board.server("shore").orElseThrow().at().isAfter(first.plus(EVERY)));

                server.stop();
                Awaitility.await()
                        .until(() -> board.server("shore").orElseThrow().problem() != null);
                assertThat(board.server("shore").orElseThrow().slots()).hasSize(1);

                server.start();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> board.server("shore").orElseThrow().problem() == null);
            }
        } finally {
            server.close();
        }
    }

    @Test
    void leavesTheLastConnectionToTheWorkThatHasIt() throws Exception {
        try (DatabasePools pools = new DatabasePools(List.of(
                new DatabaseSettings("shore", TestServers.shore().url("postgres"), "postgres", null, 1, null, true)))) {
            ReplicationBoard board = new ReplicationBoard();
            ReplicationSight sight = new ReplicationSight(pools.all(), state, board, Clock.systemUTC());
            ReplicationWatch watch;
            try (Session busy = pools.database("shore").open(Work.unattended("busy"))) {
                watch = new ReplicationWatch(sight, pools.all(), EVERY);
                Awaitility.await()
                        .during(Duration.ofMillis(1500))
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> board.server("shore").isEmpty());
                int one = busy.one("select 1", row -> row.getInt(1));
                assertThat(one).isEqualTo(1);
            }
            try (watch) {
                Awaitility.await().until(() -> board.server("shore").isPresent());
            }
        }
    }
}
