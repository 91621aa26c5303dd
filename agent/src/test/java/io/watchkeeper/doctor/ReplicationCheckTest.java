package io.watchkeeper.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.replicas.MadeUpServer;
import io.watchkeeper.replicas.ReplicationLimits;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationCheckTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void isGreenWhereReplicasKeepUp() {
        assertThat(examine(new MadeUpServer("shore", NOW)
                        .standby("a", 0.2, 100)
                        .standby("b", 1.5, 100)
                        .slot("s", true, 16L << 20, "reserved", 1L << 30)))
                .containsExactly(Finding.green(
                        "replication", "shore: 2 replicas, b 1.5 s behind, slots keep at most 16 MB of log"));
    }

    @Test
    void isRedWhereAStandbyIsTooFarBehindAndSaysWhatToDo() {
        assertThat(examine(new MadeUpServer("shore", NOW).standby("a", 544, 100)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Finding.Level.RED);
                    assertThat(finding.text()).isEqualTo("a is 9 min 4 s behind shore");
                    assertThat(finding.hint()).startsWith("watchkeeper run lag-remedy --dry-run says");
                });
    }

    @Test
    void warnsOfSlotsWithoutALimit() {
        assertThat(examine(new MadeUpServer("shore", NOW).slot("leak", false, 100, "reserved", -1)))
                .extracting(finding -> finding.level() + " " + finding.text())
                .containsExactly(
                        "GREEN shore: slots keep at most 100 bytes of log",
                        "AMBER shore keeps log for slots without a limit: leak");
    }

    @Test
    void saysThatNobodySendsToAStandbyAndWhatReplayHasCancelled() {
        assertThat(examine(new MadeUpServer("ship", NOW)
                        .receiving(-1, false)
                        .conflicts("lock", 1)
                        .conflicts("snapshot", 2)))
                .extracting(finding -> finding.level() + " " + finding.text())
                .containsExactly(
                        "AMBER ship is a standby, and nobody sends it any log",
                        "AMBER 3 queries were cancelled on ship in favour of replay since its statistics began: lock 1, snapshot 2");
    }

    @Test
    void leavesWhatCannotBeReachedToItsOwnCheck() {
        assertThat(examine(new MadeUpServer("shore", NOW).standby("a", 544, 100).problem("no route to host")))
                .isEmpty();
    }

    private static List<Finding> examine(MadeUpServer... servers) {
        return new ReplicationCheck(
                        () -> Arrays.stream(servers).map(MadeUpServer::build).toList(), ReplicationLimits.USUAL)
                .examine();
    }
}
