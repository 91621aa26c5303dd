package io.watchkeeper.replicas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationReviewTest {

    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
    private static final long GIGABYTE = 1L << 30;

    @Test
    void findsNothingWrongWithReplicasThatKeepUp() {
        assertThat(concerns(server("shore")
                        .standby("standby", 0.4, 1_000)
                        .slot("watchkeeper_standby", true, 16L << 20, "reserved", -1)))
                .isEmpty();
    }

    @Test
    void saysWhoIsTooFarBehindWorstFirst() {
        assertThat(concerns(server("shore").standby("a", 61, 1_000).standby("b", 544, 9_000)))
                .extracting(c -> c.verdict() + ": " + c.message())
                .containsExactly("ALERT: b is 9 min 4 s behind shore", "WARN: a is 1 min 1 s behind shore");
    }

    @Test
    void callsNobodyForAShipAtSeaButForAStandbyThatIsGone() {
        assertThat(concerns(server("shore")
                        .away("ship-7", Replica.Kind.LOGICAL, Duration.ofDays(3))
                        .away("standby", Replica.Kind.PHYSICAL, Duration.ofMinutes(9))))
                .extracting(c -> c.verdict() + ": " + c.subject())
                .containsExactly("ALERT: standby", "WARN: ship-7");
    }

    @Test
    void judgesSlotsByWhatTheyAreAboutToLoseAndByWhatTheyKeepForNobody() {
        assertThat(concerns(server("shore")
                        .slot("gone", false, 0, "lost", -1)
                        .slot("soon", true, GIGABYTE, "unreserved", 0)
                        .slot("leak", false, 3 * GIGABYTE, "extended", -1)
                        .slot("bounded", false, 3 * GIGABYTE, "extended", GIGABYTE)
                        .slot("small", false, 1_000, "reserved", -1)))
                .extracting(c -> c.kind() + " " + c.subject() + " " + c.verdict())
                .containsExactly("LOST_SLOT gone ALERT", "SLOT_IN_DANGER soon ALERT", "SLOT_WITHOUT_LIMIT leak WARN");
    }

    @Test
    void warnsADayBeforeTheDiskIsFullAndCallsTwoHoursBefore() {
        assertThat(concerns(server("shore").fullIn(9 * 3_600)))
                .extracting(ReplicationConcern::message)
                .containsExactly("slots will have filled the disk of shore in 9 h");
        assertThat(concerns(server("shore").fullIn(9 * 3_600))).noneMatch(ReplicationConcern::urgent);
        assertThat(concerns(server("shore").fullIn(3_600))).allMatch(ReplicationConcern::urgent);
        assertThat(concerns(server("shore").fullIn(7 * 86_400))).isEmpty();
    }

    @Test
    void doesNotSayTwiceThatAStandbyIsBehind() {
        MadeUpServer standby = server("standby").receiving(544, false);
        assertThat(concerns(standby))
                .extracting(ReplicationConcern::message)
                .containsExactly("standby is 9 min 4 s behind its primary");
        assertThat(concerns(standby, server("shore").standby("standby", 544, 9_000)))
                .extracting(ReplicationConcern::message)
                .containsExactly("standby is 9 min 4 s behind shore");
    }

    @Test
    void saysThatSomebodyPausedReplayAlsoWhereThePrimaryTellsOfTheLag() {
        assertThat(concerns(
                        server("shore").standby("standby", 544, 9_000),
                        server("standby").receiving(544, true)))
                .extracting(ReplicationConcern::kind)
                .containsExactly(ReplicationConcern.Kind.LAG, ReplicationConcern.Kind.PAUSED_REPLAY);
    }

    @Test
    void aStandbyThatNobodySendsToIsAConcern() {
        assertThat(concerns(server("standby").receiving(-1, false)))
                .extracting(ReplicationConcern::message)
                .containsExactly("standby is a standby, and nobody sends it any log");
    }

    @Test
    void lagThatNobodyKnowsIsNoReasonToCall() {
        assertThat(concerns(server("shore").standby("old", -1, 9_000))).isEmpty();
    }

    @Test
    void thinningKeepsThePeak() {
        List<LagSample> samples = new java.util.ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            samples.add(new LagSample(NOW.plusSeconds(i), i == 777 ? 500 : 1, 0));
        }
        List<LagSample> thinned = LagSeries.thin(samples, NOW, NOW.plusSeconds(1_000), 50);
        assertThat(thinned).hasSize(50).contains(new LagSample(NOW.plusSeconds(777), 500, 0));
        assertThat(LagSeries.thin(samples, NOW.plusSeconds(990), NOW.plusSeconds(1_000), 50))
                .hasSize(10);
    }

    private static MadeUpServer server(String database) {
        return new MadeUpServer(database, NOW);
    }

    private static List<ReplicationConcern> concerns(MadeUpServer... servers) {
        return ReplicationReview.concerns(
                Arrays.stream(servers).map(MadeUpServer::build).toList(), ReplicationLimits.USUAL);
    }
}
