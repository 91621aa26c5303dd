package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.toolkit.wal.StoredForm;
import io.watchkeeper.toolkit.wal.WalArchive;
import io.watchkeeper.toolkit.wal.WalArchivePlan;
import io.watchkeeper.toolkit.wal.WalArchiver;
import io.watchkeeper.toolkit.wal.WalReceivers;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Targets in time at which a cluster was quiet, and at which it only seems so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuietTargetTest {

    private final BackedUpCluster cluster = new BackedUpCluster();
    private int rows;

    @BeforeAll
    void backUp() {
        cluster.run("create table t (id serial primary key)");
        cluster.backup(Compression.NONE);
    }

    @BeforeEach
    void writeAndArchive() throws IOException {
        Files.deleteIfExists(note());
        cluster.run("insert into t select nextval('t_id_seq') from generate_series(1, 10)");
        cluster.archive();
        rows = Integer.parseInt(cluster.ask("select count(*) from t"));
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    private Path note() {
        return cluster.catalogue().wal().folder().resolve("receiver.json");
    }

    private DrillPlan plan(Instant time) {
        return plan(time, rows);
    }

    private static DrillPlan plan(Instant time, int rows) {
        return new DrillPlan(
                new RecoveryTarget.AtTime(time),
                null,
                DrillPlan.MAX_RPO,
                DrillPlan.MAX_RTO,
                List.of(new CheckQuery("rows", "select count(*) = " + rows + " from t")),
                null,
                false,
                List.of(),
                DrillPlan.PORT);
    }

    @Test
    void isReachedWhenTheDatabaseHasCommittedNothingSince() {
        Instant time = cluster.now();

        DrillResult result = cluster.drill(plan(time));

        assertThat(result.failures()).isEmpty();
        assertThat(result.recoveredTo()).isBefore(time);
        assertThat(result.checks())
                .filteredOn(check -> check.name().equals("RPO"))
                .singleElement()
                .satisfies(check -> assertThat(check.detail())
                        .contains("nothing was committed between", "the database itself has no later one"));
    }

    @Test
    @Tag("campaign")
    void isReachedInABackupAfterWhichNothingWasWritten() {
        cluster.backup(Compression.NONE);
        cluster.archive();

        assertThat(cluster.drill(plan(cluster.now())).failures()).isEmpty();
    }

    @Test
    void isNotReachedWhenACommitBeforeItIsNotArchived() {
        cluster.run("insert into t default values");

        DrillResult result = cluster.drill(plan(cluster.now()));

        assertThat(result.failure()).contains("before the target", "last transaction it found");
        assertThat(result.hint()).contains("the latest");
    }

    @Test
    void isReachedWhenTheReceiverHadAllUntilThen() throws IOException {
        Instant time = cluster.now();
        note(time, archived());
        cluster.run("insert into t default values");

        assertThat(cluster.drill(plan(time)).failures()).isEmpty();
    }

    /** On a cluster of its own: its receiver stores segments that the others' archive_command would store, too. */
    @Test
    void isReachedByWhatALiveReceiverHasNoted() throws Exception {
        try (BackedUpCluster own = new BackedUpCluster()) {
            own.run("create table t (id serial primary key)");
            own.backup(Compression.NONE);
            WalArchive archive = own.catalogue().wal();
            Instant quiet;
            try (WalReceivers receivers = new WalReceivers(true, Clock.systemUTC())) {
                StoredForm gzip = StoredForm.compressed(
                        ".gz", "gzip", () -> PgCommand.of(PgBinaries.onPath("gzip", "gzip"), "-c", "-q"));
                Work work = Work.unattended("receive");
                assertThat(new WalArchiver(own.database(), archive, receivers, work, Clock.systemUTC(), null)
                                .archive(WalArchivePlan.of("quiet_test", gzip))
                                .receiving())
                        .isTrue();
                own.run("insert into t default values");
                Instant written = own.now();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> WalReceivers.receivedUntil(archive)
                                .filter(received -> received.until().isAfter(written))
                                .isPresent());
                quiet = written;
            }
            // So that the database itself cannot tell.
            own.run("insert into t default values");

            DrillResult result = own.drill(plan(quiet, 1));

            assertThat(result.failures()).isEmpty();
            assertThat(result.checks())
                    .filteredOn(check -> check.name().equals("RPO"))
                    .singleElement()
                    .satisfies(
                            check -> assertThat(check.detail()).contains("the archive's receiver had all until then"));
        }
    }

    @Test
    void isNotReachedWhenTheReceiverHadMoreThanTheArchiveHas() throws IOException {
        cluster.run("insert into t default values");
        Instant time = cluster.now();
        note(time, cluster.ask("select pg_current_wal_flush_lsn()"));

        assertThat(cluster.drill(plan(time)).failure()).contains("before the target");
    }

    /** Up to where the log is archived. */
    private String archived() {
        List<ArchivedFile> files = cluster.catalogue().wal().files().stream()
                .filter(file -> file.kind() == ArchivedFile.Kind.SEGMENT)
                .toList();
        return files.get(files.size() - 1)
                .segment(WalSegment.USUAL_SIZE)
                .orElseThrow()
                .end()
                .toString();
    }

    private void note(Instant until, String received) throws IOException {
        Files.writeString(
                note(),
                "{\"at\": \"" + until + "\", \"receivedUntil\": \"" + until + "\", \"receivedTo\": \"" + received
                        + "\", \"live\": true, \"problems\": []}");
    }

    @Test
    void aDirectoryIsPreparedForWhatThePreviewSays() throws IOException {
        Path folder = Files.createTempDirectory("watchkeeper-restore");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            DirectoryPlan plan = new DirectoryPlan(
                    folder.resolve("data"), new RecoveryTarget.AtTime(cluster.now()), null, true, null, null);
            DirectoryRestore alone = new DirectoryRestore(cluster.settings, "shore", Work.unattended("restore"));

            assertThat(alone.preview(plan).notes()).singleElement().asString().contains("cannot tell");
            alone.run(plan);
            assertThat(settings(plan)).contains("recovery_target_time");

            DirectoryRestore asking = alone.asking(cluster.database());
            assertThat(asking.preview(plan).notes()).singleElement().asString().startsWith("nothing was committed");
            assertThat(asking.run(plan).notes()).anyMatch(said -> said.startsWith("nothing was committed"));
            assertThat(settings(plan)).contains("recovery_target_lsn").doesNotContain("recovery_target_time =");
        } finally {
            FolderTree.delete(folder);
        }
    }

    private static String settings(DirectoryPlan plan) throws IOException {
        return Files.readString(plan.to().resolve("postgresql.auto.conf"));
    }
}
