package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.history.RunHistory;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.MadeUpServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.runbook.TableState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetyTrendTest {

    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private final ReplicationBoard board = new ReplicationBoard();

    @TempDir
    Path state;

    @Test
    void keepsTheWorstOfEachKindInTheStoreSoThatARestartForgetsNothing() {
        board.note(new MadeUpServer("shore", NOW.minusSeconds(120))
                .standby("standby", 90, 1_000)
                .build());
        board.note(new MadeUpServer("shore", NOW).standby("standby", 2, 10).build());
        Protection protection = new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofHours(3))
                .archive("shore", Duration.ofSeconds(14))
                .drill("shore", Duration.ofDays(2), true, 1, 60)
                .build();
        look(() -> protection);
        // The peak since the last look, not what it is by chance now.
        assertThat(kept("safety_replication_lag_seconds")).containsExactly(new Sample(NOW, 90));
        assertThat(kept("safety_sync_age_seconds")).containsExactly(new Sample(NOW, 3_600));
        assertThat(kept("safety_recoverable_age_seconds")).containsExactly(new Sample(NOW, 14));
        assertThat(kept("safety_drill_age_seconds")).containsExactly(new Sample(NOW, 2 * 86_400));
    }

    @Test
    void aRepositoryThatCannotBeReadLeavesAGapAndNothingElse() {
        look(() -> {
            throw new OperatorException("the repository is away", "mount it.");
        });
        assertThat(kept("safety_sync_age_seconds")).isEmpty();
        look(() -> Protection.NONE);
        assertThat(kept("safety_sync_age_seconds")).hasSize(1);
    }

    private void look(Supplier<Protection> protection) {
        List<TableState> tables = List.of(
                new TableState("ship", "public.new", NOW, null),
                new TableState("ship", "public.old", NOW.minusSeconds(3_600), null));
        try (RunHistory history = RunHistory.open(state, CLOCK);
                SafetyTrend trend = new SafetyTrend(
                        () -> tables, protection, board, ReplicationLimits.USUAL, history.measurements(), CLOCK)) {
            trend.look();
        }
    }

    private List<Sample> kept(String metric) {
        try (RunHistory history = RunHistory.open(state, CLOCK)) {
            Measurements measures = history.measurements();
            return measures.series("", metric, "", Instant.EPOCH);
        }
    }
}
