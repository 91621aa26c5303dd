package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full disks, missing rights, and an agent that dies while it moves a segment. */
class WalFaultsTest {

    @Test
    void nearlyFullRepositoryStopsTheReceiverBeforeItIsFullAndGoesOnWhenThereIsRoom() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            Files.createDirectories(fleet.archive.folder());
            assumeThat(WalReceiverTest.run(
                            "mount",
                            "-t",
                            "tmpfs",
                            "-o",
                            "size=80m",
                            "watchkeeper-test",
                            fleet.archive.folder().toString()))
                    .as("a file system can be mounted here")
                    .isZero();
            try {
                WalArchivePlan plan = minFree(Bytes.megabytes(20), Bytes.megabytes(32), null);
                assertThat(fleet.archiver(null).archive(plan).problem()).isEmpty();
                Path other = Files.write(fleet.archive.folder().resolve("other"), new byte[50 << 20]);

                WalFleet.soon().until(() -> fleet.receiver().isEmpty());
                for (int i = 0; i < 3; i++) {
                    fleet.fillSegment();
                }
                WalArchiveResult full = fleet.archiver(null).archive(plan);

                assertThat(full.problem().orElseThrow())
                        .hasMessageContaining("less than minFree 20 MB: nothing is received")
                        .extracting(OperatorException::hint)
                        .asString()
                        .contains("receiving goes on by itself");
                assertThat(full.notes())
                        .anySatisfy(
                                note -> assertThat(note).contains("of log on its disk, more than maxRetained 32 MB"));
                Files.delete(other);
                WalFleet.soon()
                        .until(() ->
                                fleet.archiver(null).archive(plan).problem().isEmpty());
                assertThat(WalContinuity.of(fleet.archive).oldest()).isPresent();
            } finally {
                fleet.restartAgent(null);
                WalReceiverTest.run("umount", fleet.archive.folder().toString());
            }
        }
    }

    @Test
    void slotThatKeepsTooMuchIsDroppedWhereThatIsAskedForAndTheGapIsRecorded() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            fleet.archiveWell();
            String kept = fleet.fillSegment();
            WalFleet.soon().until(() -> fleet.isArchived(kept));
            // Nothing has so much room.
            WalArchivePlan plan = minFree(Bytes.gigabytes(1 << 20), Bytes.megabytes(1), Bytes.megabytes(40));
            fleet.archiver(null).archive(plan);
            for (int i = 0; i < 4; i++) {
                fleet.fillSegment();
            }

            WalFleet.soon()
                    .until(() -> fleet.ask("select count(*) from pg_replication_slots")
                            .equals("0"));
            WalArchiveResult result = fleet.archiver(null).archive(plan);

            assertThat(result.gaps()).singleElement().asString().contains("was dropped to save the server's disk");
            assertThat(result.problem()).isPresent();
        }
    }

    @Test
    void saysWhichRightIsMissing() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            fleet.execute("create role no_replication login");
            fleet.restartAgent(as(fleet, "no_replication"));
            OperatorException denied = fleet.archiver(null)
                    .archive(WalFleet.plan(Duration.ofSeconds(2)))
                    .problem()
                    .orElseThrow();
            assertThat(denied).hasMessageContaining("role 'no_replication' of 'shore' may not receive its log");
            assertThat(denied.hint()).contains("ALTER ROLE no_replication REPLICATION");
        }
    }

    @Test
    void saysWhenTheServerLetsNobodyReplicate() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            Path hba = fleet.shore.data().resolve("pg_hba.conf");
            Files.writeString(hba, "host all all 127.0.0.1/32 trust\nlocal all all trust\n");
            fleet.execute("select pg_reload_conf()");
            OperatorException denied = fleet.archiver(null)
                    .archive(WalFleet.plan(Duration.ofSeconds(3)))
                    .problem()
                    .orElseThrow();
            assertThat(denied).hasMessageContaining("no pg_hba.conf entry for replication connection");
            assertThat(denied.hint()).contains("host replication");
            assertThat(fleet.receiver()).isEmpty();
        }
    }

    @Test
    void saysWhichProgramIsMissing() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            StoredForm form = StoredForm.compressed(
                    ".zst",
                    "zstd",
                    () -> io.watchkeeper.postgres.PgCommand.of(
                            io.watchkeeper.postgres.PgBinaries.onPath("zstd-that-is-missing", "zstd")));
            WalArchivePlan usual = WalFleet.plan();
            WalArchivePlan plan = new WalArchivePlan(
                    usual.method(),
                    usual.slot(),
                    form,
                    usual.maxRetained(),
                    null,
                    usual.minFree(),
                    usual.patience(),
                    false,
                    null);
            fleet.archiver(null).archive(plan);
            fleet.fillSegment();
            WalFleet.soon()
                    .until(() -> fleet.archiver(null).archive(plan).problem().isPresent());
            OperatorException missing =
                    fleet.archiver(null).archive(plan).problem().orElseThrow();
            assertThat(missing).hasMessageContaining("the program zstd-that-is-missing is not on this host");
            assertThat(missing.hint()).contains("apt install zstd");
            // With one that is there what has arrived comes into the archive.
            assertThat(fleet.archiver(null).archive(usual).problem()).isPresent();
            WalFleet.soon()
                    .until(() -> fleet.archiver(null).archive(usual).problem().isEmpty());
        }
    }

    @Test
    void differentContentUnderTheSameNameIsNeverOverwritten() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            fleet.archiveWell();
            String segment = fleet.ask("select pg_walfile_name(pg_current_wal_insert_lsn())");
            Path there = Files.write(fleet.archive.folder().resolve(segment), new byte[] {1, 2, 3});
            Files.writeString(
                    fleet.archive.folder().resolve(segment + ".sha256"),
                    io.watchkeeper.files.FileDigest.of(new byte[] {1, 2, 3}) + "  " + segment + "\n");
            fleet.fillSegment();
            WalFleet.soon().until(() -> fleet.archive().problem().isPresent());
            assertThat(fleet.archive().problem().orElseThrow())
                    .hasMessageContaining(segment + " is there already, with another content");
            assertThat(there).hasBinaryContent(new byte[] {1, 2, 3});
        }
    }

    @Test
    void agentThatIsKilledWhileItMovesASegmentLosesNothing() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            fleet.archiveWell();
            fleet.restartAgent(null);
            Path wholes = Files.createDirectories(fleet.home.resolve("wholes"));
            WalArchive archive = new WalArchive(fleet.home.resolve("killed/wal"));
            Files.createDirectories(archive.incoming());
            List<String> names = Stream.generate(fleet::fillSegment).limit(3).toList();
            for (String name : names) {
                Files.copy(fleet.shore.data().resolve("pg_wal").resolve(name), wholes.resolve(name));
                Files.copy(wholes.resolve(name), archive.incoming().resolve(name));
            }
            ArchiveRecord record = ArchiveRecord.read(fleet.archive).orElseThrow();
            record.write(archive);

            // Each stage of the first segment, then of the second: the process ends there as by kill -9.
            for (SegmentMover.Stage stage : SegmentMover.Stage.values()) {
                try (OtherProcess agent =
                        OtherProcess.start(DyingMover.class, archive.folder().toString(), stage.name())) {
                    assertThat(agent.readLine()).isNull();
                }
                assertThat(missing(archive, names)).isEmpty();
            }
            SegmentMover mover = new SegmentMover(archive, WalFleet.GZIP, record, passed -> {});
            mover.sweep();
            mover.move();

            assertThat(namesIn(archive.incoming())).containsExactly(names.get(2));
            assertThat(WalReceiverTest.run("sh", "-c", "cd " + archive.folder() + " && sha256sum -c --status *.sha256"))
                    .isZero();
            for (String name : names) {
                assertThat(WalReceiverTest.run(
                                "sh",
                                "-c",
                                "gzip -dc " + archive.folder().resolve(name + ".gz") + " | cmp - "
                                        + wholes.resolve(name)))
                        .isZero();
            }
            assertThat(namesIn(archive.folder())).noneMatch(name -> name.contains(SegmentMover.MAKING));
        }
    }

    @Test
    void aWholeSegmentWithoutItsFirstPageIsKeptAndSaidToBeDamaged(@TempDir Path folder) throws Exception {
        WalArchive archive = new WalArchive(folder);
        Files.createDirectories(archive.incoming());
        ArchiveRecord record = ArchiveRecord.begin("1", WalSegment.USUAL_SIZE, ArchiveRecord.STREAM);
        Path lost = archive.incoming().resolve("000000010000000000000001");
        Files.write(lost, new byte[(int) WalSegment.USUAL_SIZE]);
        Files.createFile(archive.incoming().resolve("000000010000000000000002.partial"));

        assertThatThrownBy(() -> new SegmentMover(archive, WalFleet.GZIP, record, passed -> {}).move())
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("000000010000000000000001");
        assertThat(lost).exists();
    }

    /** Those of which there is a whole copy in neither place. */
    private static List<String> missing(WalArchive archive, List<String> names) throws Exception {
        List<String> missing = new java.util.ArrayList<>();
        for (String name : names) {
            boolean received = Files.exists(archive.incoming().resolve(name));
            boolean stored = !archive.stored(name).isEmpty()
                    && WalReceiverTest.run(
                                    "gzip",
                                    "-t",
                                    archive.folder().resolve(name + ".gz").toString())
                            == 0;
            if (!received && !stored) {
                missing.add(name);
            }
        }
        return missing;
    }

    private static List<String> namesIn(Path folder) throws Exception {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(p -> p.getFileName().toString())
                    .toList();
        }
    }

    /** The other process: moves segments until it has come to a stage, and is gone. */
    static final class DyingMover {

        private DyingMover() {}

        public static void main(String[] arguments) {
            System.out.println("ready");
            WalArchive archive = new WalArchive(Path.of(arguments[0]));
            SegmentMover.Stage last = SegmentMover.Stage.valueOf(arguments[1]);
            new SegmentMover(archive, WalFleet.GZIP, ArchiveRecord.read(archive).orElseThrow(), stage -> {
                        if (stage == last) {
                            Runtime.getRuntime().halt(137);
                        }
                    })
                    .move();
        }
    }

    private static WalArchivePlan minFree(
            Bytes least, Bytes maxRetained, @org.jspecify.annotations.Nullable Bytes dropOver) {
        WalArchivePlan usual = WalFleet.plan();
        return new WalArchivePlan(
                usual.method(),
                usual.slot(),
                usual.form(),
                maxRetained,
                dropOver,
                least,
                Duration.ofSeconds(3),
                false,
                null);
    }

    private static DatabaseSettings as(WalFleet fleet, String user) {
        return new DatabaseSettings("shore", fleet.shore.url("postgres"), user, null, 8, null, true);
    }
}
