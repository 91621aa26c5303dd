package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The receiver on a real server, through what servers, links and processes do. */
class WalReceiverTest {

    private WalFleet fleet;

    @BeforeEach
    void start() {
        fleet = WalFleet.create();
    }

    @AfterEach
    void end() {
        fleet.close();
    }

    @Test
    void receivesWhatIsWrittenAndMovesWholeSegmentsIntoTheArchive() throws Exception {
        WalArchiveResult first = fleet.archiveWell();
        assertThat(first.receiving()).isTrue();
        assertThat(first.lag()).isEqualTo(Bytes.of(0));
        String one = fleet.fillSegment();
        String two = fleet.fillSegment();

        WalFleet.soon().until(() -> fleet.isArchived(one) && fleet.isArchived(two));

        // The newest whole one stays with the receiver until there is a newer one.
        WalFleet.soon().until(() -> !Files.exists(fleet.archive.incoming().resolve(one)));
        assertThat(run("sh", "-c", "cd " + fleet.archive.folder() + " && sha256sum -c --status *.sha256"))
                .isZero();
        WalArchiveResult result = fleet.archiveWell();
        assertThat(result.missing()).isEmpty();
        assertThat(result.gaps()).isEmpty();
        assertThat(result.starts()).isEqualTo(1);
        assertThat(result.segments()).isGreaterThanOrEqualTo(2);
        assertThat(result.fields()).containsKeys("recoverableTo", "retainedBytes", "newest", "folder");
        WalSegment oldest = WalContinuity.of(fleet.archive).oldest().orElseThrow();
        WalChain chain = WalContinuity.of(fleet.archive).from(1, oldest.start());
        assertThat(chain.isWhole()).isTrue();
        assertThat(chain.reaches(WalSegment.parse(two, WalSegment.USUAL_SIZE)
                        .orElseThrow()
                        .end()))
                .isTrue();
    }

    @Test
    void saysUntilWhenEverythingIsSafe() throws Exception {
        fleet.archiveWell();
        Instant written = Instant.now();
        fleet.execute("create table t (n int)");
        WalFleet.soon()
                .until(() -> fleet.receivers()
                        .state("shore", fleet.archive, null)
                        .map(WalState::recoverableTo)
                        .filter(at -> at.isAfter(written))
                        .isPresent());
        WalFleet.soon()
                .until(() -> Long.valueOf(0)
                        .equals(fleet.receivers()
                                .state("shore", fleet.archive, null)
                                .orElseThrow()
                                .lagBytes()));
        WalState state = fleet.receivers().state("shore", fleet.archive, null).orElseThrow();
        assertThat(state.live()).isTrue();
        assertThat(state.problems()).isEmpty();
        // Another process reads what the receiver has noted.
        WalState elsewhere = new WalReceivers(false, Clock.systemUTC())
                .state("shore", fleet.archive, null)
                .orElseThrow();
        assertThat(elsewhere.live()).isTrue();
        assertThat(elsewhere.measured()).isTrue();
        assertThat(elsewhere.recoverableTo()).isAfter(written.minusSeconds(10));
        fleet.restartAgent(null);
        WalState files = fleet.receivers().state("shore", fleet.archive, null).orElseThrow();
        assertThat(files.live()).isFalse();
        assertThat(files.measured()).isFalse();
        assertThat(files.recoverableTo()).isNotNull();
    }

    @Test
    void goesOnWithoutAGapThroughServerRestartsAndKillsOfTheReceiver() throws Exception {
        fleet.archiveWell();
        String before = fleet.fillSegment();
        fleet.shore.stop();
        fleet.shore.start();
        String between = fleet.fillSegment();
        WalFleet.soon().until(() -> fleet.isArchived(before) && fleet.isArchived(between));
        WalFleet.soon().until(() -> fleet.receiver().isPresent());

        fleet.receiver().orElseThrow().destroyForcibly();
        fleet.fillSegment();
        fleet.shore.crash();
        fleet.shore.start();
        String last = fleet.fillSegment();
        WalFleet.soon().until(() -> fleet.isArchived(last));

        WalArchiveResult result = fleet.archiveWell();
        assertThat(result.missing()).isEmpty();
        assertThat(result.gaps()).isEmpty();
        assertThat(result.starts()).isGreaterThan(1);
    }

    @Test
    void goesOnAfterTheLinkWasCut() throws Exception {
        try (FlakyLink link = new FlakyLink(fleet.shore.port())) {
            fleet.restartAgent(link.settings("shore", "postgres"));
            fleet.archiveWell();
            link.refuse(true);
            link.cut();
            String during = fleet.fillSegment();
            link.refuse(false);
            WalFleet.soon().until(() -> fleet.isArchived(during));
            assertThat(fleet.archiveWell().gaps()).isEmpty();
        }
    }

    @Test
    void everythingCommittedComesBackWhenThePrimaryIsLost() throws Exception {
        String owner = Files.getOwner(fleet.shore.data()).getName();
        fleet.execute("create table t (n int)");
        Path base = Files.createDirectories(fleet.home.resolve("base"));
        WalProgramsTest.run("chown", owner, fleet.home.toString(), base.toString());
        fleet.archiveWell();
        WalProgramsTest.asOwner(
                owner,
                "pg_basebackup",
                "--pgdata=" + base,
                "--checkpoint=fast",
                "--wal-method=none",
                "--no-sync",
                "--dbname=host=127.0.0.1 user=postgres port=" + fleet.shore.port());
        fleet.execute("insert into t select generate_series(1, 1000)");
        fleet.fillSegment();
        fleet.execute("insert into t select generate_series(1, 234)");
        fleet.archiveWell();

        fleet.shore.crash();
        fleet.restartAgent(null);
        WalProgramsTest.run("chown", "-R", owner, fleet.home.toString());

        // The last rows are in a segment that is still being received.
        assertThat(WalProgramsTest.recover(fleet.archive.folder(), owner, base, fleet.home.resolve("restored")))
                .isEqualTo("1234");
    }

    @Test
    void theReceiverDiesWithItsAgentAndTheNextOneTakesOver() throws Exception {
        long receiver;
        try (OtherProcess agent = OtherProcess.start(
                ReceivingAgent.class,
                Integer.toString(fleet.shore.port()),
                fleet.archive.folder().toString())) {
            receiver = Long.parseLong(agent.readLine());
            assertThat(ProcessHandle.of(receiver)).isPresent();
            agent.kill();
        }
        WalFleet.soon()
                .until(() -> ProcessHandle.of(receiver)
                        .filter(ProcessHandle::isAlive)
                        .isEmpty());
        String after = fleet.fillSegment();
        WalArchiveResult result = fleet.archiveWell();
        assertThat(result.gaps()).isEmpty();
        assertThat(result.missing()).isEmpty();
        WalFleet.soon().until(() -> fleet.isArchived(after));
    }

    @Test
    void goesOnWhereAReceiverWasKilledWhileItMadeANewFile() throws Exception {
        fleet.archiveWell();
        String first = fleet.fillSegment();
        WalFleet.soon().until(() -> fleet.isArchived(first));
        fleet.execute("create table t (n int)");
        fleet.archiveWell();
        fleet.restartAgent(null);
        Path torn;
        try (Stream<Path> files = Files.list(fleet.archive.incoming())) {
            torn = files.filter(file -> file.toString().endsWith(".partial"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.write(torn, new byte[5 << 20]);

        WalArchiveResult result = fleet.archiveWell();

        assertThat(result.gaps()).isEmpty();
        assertThat(result.missing()).isEmpty();
        assertThat(torn).hasSize(WalSegment.USUAL_SIZE);
    }

    /** Another agent on this host, which receives until it is killed. */
    static final class ReceivingAgent {

        private ReceivingAgent() {}

        public static void main(String[] arguments) throws Exception {
            DatabaseSettings shore = new DatabaseSettings(
                    "shore",
                    "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/postgres",
                    "postgres",
                    null,
                    8,
                    null,
                    true);
            try (DatabasePools pools = new DatabasePools(List.of(shore));
                    WalReceivers receivers = new WalReceivers(true, Clock.systemUTC())) {
                WalArchiveResult result = new WalArchiver(
                                pools.database("shore"),
                                new WalArchive(Path.of(arguments[1])),
                                receivers,
                                Work.unattended("another agent"),
                                Clock.systemUTC(),
                                null)
                        .archive(WalFleet.plan());
                long pid = ProcessHandle.current()
                        .descendants()
                        .filter(p -> p.info().command().orElse("").endsWith("pg_receivewal"))
                        .mapToLong(ProcessHandle::pid)
                        .findFirst()
                        .orElse(-1);
                OtherProcess.readyUntilEndOfInput(result.problem().isPresent() ? "-1" : Long.toString(pid));
            }
        }
    }

    @Test
    void twoAgentsWithOneArchiveHaveOneReceiver() throws Exception {
        fleet.archiveWell();
        try (WalReceivers others = new WalReceivers(false, Clock.systemUTC())) {
            WalArchiveResult result = fleet.archiver(others, null).archive(WalFleet.plan());
            assertThat(result.problem()).isEmpty();
            assertThat(result.receiving()).isTrue();
            assertThat(result.slot()).isEqualTo("watchkeeper_test");
        }
        assertThat(fleet.receiver()).isPresent();
        assertThat(fleet.archiveWell().starts()).isEqualTo(1);
    }

    @Test
    void slotOfSomebodyElseIsNotFoughtFor() throws Exception {
        fleet.archiveWell();
        WalArchive another = new WalArchive(fleet.home.resolve("another/wal"));
        try (WalReceivers others = new WalReceivers(true, Clock.systemUTC())) {
            WalArchiveResult result = new WalArchiver(
                            fleet.database(), another, others, Work.unattended("test"), Clock.systemUTC(), null)
                    .archive(WalFleet.plan(Duration.ofSeconds(2)));
            assertThat(result.problem().orElseThrow())
                    .hasMessageContaining("slot watchkeeper_test of 'shore' is in use by 'watchkeeper wal ")
                    .extracting(OperatorException::hint)
                    .asString()
                    .contains("slot of its own");
        }
        assertThat(fleet.archiveWell().starts()).isEqualTo(1);
    }

    @Test
    void aRunWithoutADaemonStreamsUpToNowAndEnds() throws Exception {
        try (WalReceivers once = new WalReceivers(false, Clock.systemUTC())) {
            fleet.archiver(once, null).archive(WalFleet.plan());
            String next = fleet.fillSegment();
            WalArchiveResult result = fleet.archiver(once, null).archive(WalFleet.plan());
            assertThat(result.problem()).isEmpty();
            assertThat(fleet.receiver()).isEmpty();
            assertThat(fleet.isArchived(next)).isTrue();
            assertThat(result.newest())
                    .isGreaterThanOrEqualTo(WalSegment.parse(next, WalSegment.USUAL_SIZE)
                            .orElseThrow()
                            .end());
        }
    }

    @Test
    void gapIsRecordedAndFailsUntilThereIsANewerBaseBackup() throws Exception {
        fleet.archiveWell();
        String kept = fleet.fillSegment();
        WalFleet.soon().until(() -> fleet.isArchived(kept));
        fleet.restartAgent(null);
        fleet.execute("select pg_drop_replication_slot('watchkeeper_test')");
        for (int i = 0; i < 4; i++) {
            fleet.fillSegment();
        }
        fleet.execute("checkpoint");
        fleet.fillSegment();
        fleet.execute("checkpoint");

        WalArchiveResult result = fleet.archive();

        assertThat(result.gaps()).hasSize(1);
        assertThat(result.problem().orElseThrow())
                .hasMessageContaining("the archive of 'shore' has a gap from ")
                .hasMessageContaining("the server had removed its log before it was received");
        assertThat(result.receiving()).isTrue();
        Lsn now = Lsn.parse(fleet.ask("select pg_current_wal_lsn()")).orElseThrow();
        String after = fleet.fillSegment();
        WalFleet.soon().until(() -> fleet.isArchived(after));
        WalArchiveResult withBackup = fleet.archiver(new WalStart(1, now)).archive(WalFleet.plan());
        assertThat(withBackup.problem()).isEmpty();
        assertThat(withBackup.gaps()).hasSize(1);
    }

    @Test
    void neverMixesTwoClusters() throws Exception {
        fleet.archiveWell();
        try (WalFleet other = WalFleet.create();
                DatabasePools pools = new DatabasePools(List.of(other.database().settings()));
                WalReceivers others = new WalReceivers(true, Clock.systemUTC())) {
            fleet.restartAgent(null);
            WalArchiver archiver = new WalArchiver(
                    pools.database("shore"), fleet.archive, others, Work.unattended("test"), Clock.systemUTC(), null);
            assertThatThrownBy(() -> archiver.archive(WalFleet.plan()))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("holds the log of cluster")
                    .hasMessageContaining("is cluster");
        }
    }

    @Test
    void endingItDropsTheSlotAndIsToldByAGap() throws Exception {
        fleet.archiveWell();
        fleet.fillSegment();

        WalArchiveResult ended = fleet.archiver(null).end(WalFleet.plan());

        assertThat(ended.method()).isEqualTo("ended");
        assertThat(fleet.ask("select count(*) from pg_replication_slots")).isEqualTo("0");
        assertThat(fleet.receiver()).isEmpty();
        assertThat(fleet.receivers().state("shore", fleet.archive, null))
                .as("an archive that was ended is behind nothing")
                .isEmpty();
        assertThat(fleet.archiver(null).describeEnd()).isEmpty();
        // Nothing was removed meanwhile, so nothing is lost.
        fleet.archiveWell();
        WalFleet.soon().until(() -> fleet.archive().problem().isEmpty());
    }

    @Test
    void dryRunSaysWhatItWouldDoAndDoesNothing() throws Exception {
        assertThat(fleet.archiver(null).describe(WalFleet.plan()))
                .extracting(action -> action.sql() + " " + action.note())
                .anySatisfy(text -> assertThat(text).contains("pg_create_physical_replication_slot('watchkeeper_test'"))
                .anySatisfy(text -> assertThat(text)
                        .contains(fleet.archive.folder().toString())
                        .contains("minFree 1 MB"));
        assertThat(fleet.archive.folder()).doesNotExist();
        assertThat(fleet.ask("select count(*) from pg_replication_slots")).isEqualTo("0");
    }

    static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor();
    }
}
