package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.replicas.MadeUpServer;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.runbook.RunbookRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicationCollectorTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_000_000_000);

    private final RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());
    private final ReplicationBoard board = new ReplicationBoard();

    @BeforeEach
    void watch() {
        metrics.watch(board);
    }

    @Test
    void tellsHowFarEachStandbyIsBehindByStage() {
        board.note(new MadeUpServer("shore", NOW).standby("standby", 1.5, 4_000).build());
        assertThat(page())
                .contains(
                        "watchkeeper_replication_lag_seconds{database=\"shore\",standby=\"standby\"} 1.5\n",
                        "watchkeeper_replication_lag_bytes{database=\"shore\",standby=\"standby\",stage=\"sent\"} 0.0\n",
                        "watchkeeper_replication_lag_bytes{database=\"shore\",standby=\"standby\",stage=\"flush\"} 2000.0\n",
                        "watchkeeper_replication_lag_bytes{database=\"shore\",standby=\"standby\",stage=\"replay\"} 4000.0\n",
                        "watchkeeper_replication_connected{database=\"shore\",standby=\"standby\"} 1.0\n",
                        "watchkeeper_replication_probe_success{database=\"shore\"} 1.0\n");
    }

    @Test
    void whatNobodyKnowsHasNoSeries() {
        board.note(new MadeUpServer("shore", NOW)
                .standby("old", -1, 4_000)
                .away("ship", Replica.Kind.LOGICAL, Duration.ofHours(1))
                .build());
        assertThat(page())
                .doesNotContain("lag_seconds{database=\"shore\",standby=\"old\"}")
                .doesNotContain("standby=\"ship\",stage=\"sent\"")
                .contains(
                        "watchkeeper_replication_lag_seconds{database=\"shore\",standby=\"ship\"} 3600.0\n",
                        "watchkeeper_replication_connected{database=\"shore\",standby=\"ship\"} 0.0\n");
    }

    @Test
    void tellsWhatSlotsKeepAndWhenTheDiskIsFull() {
        board.note(new MadeUpServer("shore", NOW)
                .slot("gone", false, 5_000, "lost", -1)
                .slot("here", true, 100, "reserved", -1)
                .fullIn(7_200)
                .problem("no route to host")
                .build());
        assertThat(page())
                .contains(
                        "watchkeeper_slot_retained_bytes{database=\"shore\",slot=\"gone\"} 5000.0\n",
                        "watchkeeper_slot_lost{database=\"shore\",slot=\"gone\"} 1.0\n",
                        "watchkeeper_slot_active{database=\"shore\",slot=\"gone\"} 0.0\n",
                        "watchkeeper_slot_active{database=\"shore\",slot=\"here\"} 1.0\n",
                        "watchkeeper_wal_seconds_to_full{database=\"shore\"} 7200.0\n",
                        "watchkeeper_wal_bytes{database=\"shore\"} 5.0331648E7\n",
                        "watchkeeper_replication_probe_success{database=\"shore\"} 0.0\n");
    }

    @Test
    void aStandbyTellsOfItselfWhereItsPrimaryIsNotLookedAt() {
        board.note(new MadeUpServer("ship", NOW)
                .receiving(12, true)
                .conflicts("snapshot", 3)
                .build());
        assertThat(page())
                .contains(
                        "watchkeeper_replication_lag_seconds{database=\"ship\",standby=\"ship\"} 12.0\n",
                        "watchkeeper_replay_paused{database=\"ship\"} 1.0\n",
                        "watchkeeper_recovery_conflicts_total{database=\"ship\",kind=\"snapshot\"} 3.0\n");
        board.note(new MadeUpServer("shore", NOW).standby("ship", 13, 100).build());
        assertThat(page())
                .contains("watchkeeper_replication_lag_seconds{database=\"shore\",standby=\"ship\"} 13.0\n")
                .doesNotContain("lag_seconds{database=\"ship\",standby=\"ship\"}");
    }

    private String page() {
        return metrics.render("").body();
    }
}
