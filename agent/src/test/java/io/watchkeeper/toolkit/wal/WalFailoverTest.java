package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The primary is lost and its standby promoted: the archive goes on with the new one, under the new timeline. */
class WalFailoverTest {

    @Test
    void goesOnWithThePromotedStandbyAndLeadsAcrossTheSwitch() throws Exception {
        try (WalFleet fleet = new WalFleet(Map.of("wal_keep_size", "256MB"));
                LocalServer standby = StandbyServers.of(fleet.shore)) {
            fleet.restartAgent(bothHosts(fleet, standby));
            fleet.archiveWell();
            Lsn backup = Lsn.parse(fleet.ask("select pg_current_wal_lsn()")).orElseThrow();
            fleet.execute("create table t (n int)");
            String before = fleet.fillSegment();
            WalFleet.soon().until(() -> fleet.isArchived(before));
            awaitReplay(fleet, standby);

            fleet.shore.stop();
            promote(standby);
            TestServers.execute(standby, "postgres", "insert into t values (1)");
            String after = TestHost.ask(standby, "postgres", "select pg_walfile_name(pg_switch_wal())");

            WalFleet.soon().until(() -> fleet.isArchived(after));
            WalArchiveResult result = fleet.archiveWell();
            assertThat(result.timeline()).isEqualTo(2);
            assertThat(result.gaps()).isEmpty();
            WalChain chain = WalContinuity.of(fleet.archive).from(1, backup);
            assertThat(chain.isWhole()).isTrue();
            assertThat(chain.timeline()).isEqualTo(2);
            assertThat(chain.reaches(WalSegment.parse(after, WalSegment.USUAL_SIZE)
                            .orElseThrow()
                            .end()))
                    .isTrue();
            assertThat(fleet.archive.folder().resolve("00000002.history")).exists();
            // What the old timeline had of its last segment is kept, and is not in the receiver's way.
            try (Stream<Path> files = Files.list(fleet.archive.folder())) {
                assertThat(files.map(p -> p.getFileName().toString()))
                        .anyMatch(name -> name.matches("00000001[0-9A-F]{16}\\.partial\\.gz"));
            }
        }
    }

    @Test
    void aStandbyThatHearsNothingDoesNotSayThatNothingWasWritten() throws Exception {
        try (WalFleet fleet = new WalFleet(Map.of("wal_keep_size", "256MB"));
                LocalServer standby = StandbyServers.of(fleet.shore)) {
            fleet.restartAgent(TestServers.settings("shore", standby, "postgres"));
            assertThat(fleet.archiveWell().receiving()).isTrue();
            WalFleet.soon().until(() -> recoverableTo(fleet).isPresent());

            fleet.shore.crash();
            Instant silent = Instant.now();
            WalFleet.soon().until(() -> noted(fleet).isAfter(silent));

            assertThat(recoverableTo(fleet).orElseThrow()).isBeforeOrEqualTo(silent);
            assertThat(WalReceivers.receivedUntil(fleet.archive)).isEmpty();
            assertThat(fleet.archive().recoverableTo()).isBeforeOrEqualTo(silent);
        }
    }

    private static Optional<Instant> recoverableTo(WalFleet fleet) {
        return fleet.receivers().state("shore", fleet.archive, null).map(WalState::recoverableTo);
    }

    /** When the receiver has last looked. */
    private static Instant noted(WalFleet fleet) throws Exception {
        String note = Files.readString(fleet.archive.folder().resolve("receiver.json"));
        return Instant.parse(note.replaceFirst("(?s).*\"at\":\"([^\"]+)\".*", "$1"));
    }

    /** The standby had not got everything: what the archive has more than that is none of the new primary's past. */
    @Test
    void receivesAgainFromWhereTheNewPrimaryParted() throws Exception {
        try (WalFleet fleet = new WalFleet(Map.of("wal_keep_size", "256MB"));
                LocalServer standby = StandbyServers.of(fleet.shore)) {
            fleet.restartAgent(bothHosts(fleet, standby));
            fleet.archiveWell();
            Lsn backup = Lsn.parse(fleet.ask("select pg_current_wal_lsn()")).orElseThrow();
            fleet.execute("create table t (n int)");
            awaitReplay(fleet, standby);
            standby.stop();
            String lost = fleet.fillSegment();
            String lostToo = fleet.fillSegment();
            WalFleet.soon().until(() -> fleet.isArchived(lost) && fleet.isArchived(lostToo));
            fleet.shore.stop();

            standby.start();
            promote(standby);
            TestServers.execute(standby, "postgres", "insert into t values (1)");
            String after = TestHost.ask(standby, "postgres", "select pg_walfile_name(pg_switch_wal())");

            WalFleet.soon().until(() -> fleet.isArchived(after));
            assertThat(fleet.archiveWell().gaps()).isEmpty();
            WalChain chain = WalContinuity.of(fleet.archive).from(1, backup);
            assertThat(chain.missing()).isEmpty();
            assertThat(chain.timeline()).isEqualTo(2);
            // They are still there, for whoever wants to look at what was lost.
            assertThat(fleet.isArchived(lost)).isTrue();
            assertThat(fleet.isArchived(lostToo)).isTrue();
        }
    }

    private static DatabaseSettings bothHosts(WalFleet fleet, LocalServer standby) {
        return new DatabaseSettings(
                "shore",
                "jdbc:postgresql://127.0.0.1:" + fleet.shore.port() + ",127.0.0.1:" + standby.port()
                        + "/postgres?targetServerType=primary",
                "postgres",
                null,
                8,
                null,
                true);
    }

    private static void awaitReplay(WalFleet fleet, LocalServer standby) {
        String end = fleet.ask("select pg_current_wal_lsn()");
        WalFleet.soon()
                .until(() -> TestHost.ask(
                                standby, "postgres", "select pg_last_wal_replay_lsn() >= '" + end + "'::pg_lsn")
                        .equals("t"));
    }

    private static void promote(LocalServer standby) {
        TestServers.execute(standby, "postgres", "select pg_promote()");
    }
}
