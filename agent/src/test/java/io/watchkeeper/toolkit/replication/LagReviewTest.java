package io.watchkeeper.toolkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicatingServer.Receiver;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LagReviewTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    @Test
    void saysWhichReplicaHowFarSinceWhenAndWhere() {
        LagResult result = LagReview.of(
                primary(List.of(replica("ship", 540, 0, 0, 0, 851_443_712)), List.of(), null), LagPlan.USUAL);
        assertThat(result.status()).isEqualTo(Verdict.ALERT);
        assertThat(result.seconds()).isEqualTo(540);
        assertThat(result.problem()).hasValueSatisfying(problem -> {
            assertThat(problem.getMessage())
                    .isEqualTo(
                            "standby 'ship' is 9 min, 812 MB behind 'shore' (limit 5 min), since 2026-05-01T11:51:00Z;"
                                    + " received and not replayed: replay is slow, blocked or paused");
            assertThat(problem.hint()).contains("remediateLag('shore')");
        });
    }

    @Test
    void findsTheStageThatHoldsUp() {
        assertThat(stage(900, 950, 960, 1000)).isEqualTo(ReplicaLag.Stage.SEND);
        assertThat(stage(10, 950, 960, 1000)).isEqualTo(ReplicaLag.Stage.WRITE);
        assertThat(stage(10, 20, 960, 1000)).isEqualTo(ReplicaLag.Stage.FLUSH);
        assertThat(stage(10, 20, 30, 1000)).isEqualTo(ReplicaLag.Stage.REPLAY);
        assertThat(stage(0, 0, 0, 0)).isEqualTo(ReplicaLag.Stage.NONE);
    }

    private static ReplicaLag.Stage stage(long sent, long write, long flush, long replay) {
        return ReplicaLag.Stage.of(replica("x", 1, sent, write, flush, replay));
    }

    @Test
    void warnsBelowTheAlertAndIsSilentBelowTheWarning() {
        LagResult warned =
                LagReview.of(primary(List.of(replica("ship", 60, 0, 0, 0, 10)), List.of(), null), LagPlan.USUAL);
        assertThat(warned.status()).isEqualTo(Verdict.WARN);
        assertThat(warned.problem()).isEmpty();
        assertThat(warned.notes()).hasSize(1);
        LagResult fine =
                LagReview.of(primary(List.of(replica("ship", 59.9, 0, 0, 0, 10)), List.of(), null), LagPlan.USUAL);
        assertThat(fine.status()).isEqualTo(Verdict.OK);
        assertThat(fine.notes()).isEmpty();
    }

    @Test
    void judgesBytesSlotsDiskAndNumber() {
        LagPlan plan = new LagPlan(
                LagPlan.WARN_AFTER,
                LagPlan.ALERT_AFTER,
                null,
                Bytes.megabytes(1),
                Bytes.megabytes(10),
                Bytes.megabytes(100),
                Duration.ofHours(6),
                2,
                List.of(new NameGlob("old_*")));
        LagResult result = LagReview.of(
                primary(
                        List.of(replica("ship", 1, 0, 0, 0, 2_000_000), replica("old_ship", 9000, 0, 0, 0, 9)),
                        List.of(
                                slot("much", 200, "extended"),
                                slot("some", 20, "reserved"),
                                slot("late", 1, "unreserved"),
                                slot("gone", 0, "lost"),
                                slot("old_slot", 900, "extended")),
                        3600.0),
                plan);
        assertThat(result.replicas()).extracting(ReplicaLag::name).containsExactly("ship");
        assertThat(result.slots())
                .extracting(SlotKeep::status)
                .containsExactly(Verdict.ALERT, Verdict.WARN, Verdict.WARN, Verdict.ALERT);
        assertThat(String.valueOf(result.problem().orElseThrow().getMessage()))
                .contains(
                        "standby 'ship' is 1.0 s, 1.9 MB behind",
                        "slot much keeps 200 MB",
                        "slot gone of 'shore' is lost",
                        "within 1 h",
                        "1 of at least 2 standbys")
                .doesNotContain("old_", "slot some");
    }

    @Test
    void standbyWithoutAReceiverAndOneWithPausedReplayAreSaid() {
        LagResult cut = LagReview.of(standby(null), LagPlan.USUAL);
        assertThat(String.valueOf(cut.problem().orElseThrow().getMessage())).contains("gets no log");
        LagResult paused =
                LagReview.of(standby(new Receiver("streaming", "10.9.0.1:5432", 5_000_000, 400, true)), LagPlan.USUAL);
        assertThat(String.valueOf(paused.problem().orElseThrow().getMessage())).contains("somebody has paused replay");
        assertThat(paused.problem().orElseThrow().hint()).contains("pg_wal_replay_resume");
    }

    @Test
    void refusesAWarningThatComesAfterItsAlert() {
        assertThatThrownBy(() -> new LagPlan(
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(1),
                        null,
                        null,
                        null,
                        null,
                        Duration.ZERO,
                        0,
                        List.of()))
                .isInstanceOf(OperatorException.class)
                .hasMessage("'warnAfter' 2 min is longer than 'alertAfter' 1 min");
    }

    private static Replica replica(String name, double seconds, long sent, long write, long flush, long replay) {
        return new Replica(
                name,
                Replica.Kind.PHYSICAL,
                "streaming",
                "async",
                null,
                null,
                new LagBytes(sent, write, flush, replay),
                seconds,
                NOW);
    }

    private static ReplicationSlot slot(String name, long megabytes, String walStatus) {
        return new ReplicationSlot(
                name, Replica.Kind.PHYSICAL, false, NOW, megabytes * 1024 * 1024, walStatus, -1, null);
    }

    private static ReplicatingServer primary(
            List<Replica> replicas, List<ReplicationSlot> slots, @Nullable Double secondsToFull) {
        return new ReplicatingServer(
                "shore", NOW, false, "0/5000000", replicas, slots, -1, secondsToFull, null, Map.of(), null);
    }

    private static ReplicatingServer standby(@Nullable Receiver receiver) {
        return new ReplicatingServer(
                "ship", NOW, true, "0/5000000", List.of(), List.of(), -1, null, receiver, Map.of("lock", 0L), null);
    }
}
