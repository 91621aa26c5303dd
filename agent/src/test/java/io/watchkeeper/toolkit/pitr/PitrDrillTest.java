package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalSocketFactory;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Drills on a real cluster with a real archive; one cluster and one backup for all of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PitrDrillTest {

    private final BackedUpCluster cluster = new BackedUpCluster();
    private Backup backup;
    private Instant after1;
    private String lsnAfter2;

    @BeforeAll
    void backUp() {
        cluster.run("create table steps (n int primary key, at timestamptz default clock_timestamp());"
                + " create table quiet as select i as id, 'row ' || i as name from generate_series(1, 20000) i;"
                + " alter table quiet add primary key (id); create table log (id bigserial primary key, what text);"
                + " create table fleeting as select 1 as n");
        backup = cluster.backup(Compression.NONE);
        cluster.run("insert into steps values (1); insert into log (what) select 'a' from generate_series(1, 100)");
        after1 = cluster.now();
        cluster.run("insert into steps values (2)");
        lsnAfter2 = cluster.ask("select pg_current_wal_lsn()");
        cluster.run("insert into steps values (3)");
        cluster.ask("select pg_create_restore_point('before the fourth')");
        cluster.run("insert into steps values (4)");
        cluster.archive();
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    @AfterEach
    void leavesNothing() {
        assertThat(cluster.sandboxes()).isEmpty();
        assertThat(OtherProcesses.workingIn(cluster.home.resolve("state"))).isEmpty();
    }

    private static DrillPlan plan(RecoveryTarget target, CheckQuery... checks) {
        return new DrillPlan(
                target,
                null,
                DrillPlan.MAX_RPO,
                DrillPlan.MAX_RTO,
                List.of(checks),
                null,
                false,
                List.of(),
                DrillPlan.PORT);
    }

    private static CheckQuery steps(int newest) {
        return new CheckQuery("newest step", "select max(n) = " + newest + " from steps");
    }

    private static void assertPassed(DrillResult result) {
        assertThat(result.failures()).isEmpty();
        assertThat(result.passed()).isTrue();
    }

    @Test
    void recoversToTheLatestAndLooksAtEverything(@TempDir Path folder) throws IOException {
        Path synthetic = Files.writeString(folder.resolve("transaction.sql"), """
                insert into steps (n) values (1000);
                insert into log (what) select 'ticket of ' || n from steps where n = 1000;
                select what from log where what = 'ticket of 1000';
                """);

        DrillResult result = cluster.drill(new DrillPlan(
                RecoveryTarget.LATEST,
                null,
                DrillPlan.MAX_RPO,
                DrillPlan.MAX_RTO,
                List.of(steps(4)),
                synthetic,
                true,
                List.of("public.*"),
                DrillPlan.PORT));

        assertPassed(result);
        assertThat(result.checks())
                .extracting(DrillCheck::name)
                .containsExactly(
                        "recovery has ended",
                        "timeline",
                        "cluster",
                        "target",
                        "RPO",
                        "newest step",
                        "synthetic transaction",
                        "same as the source",
                        "amcheck",
                        "RTO");
        assertThat(result.fields())
                .containsEntry("backup", backup.id())
                .containsEntry("rpoSeconds", 0.0)
                .containsKeys("rtoSeconds", "recoveredTo", "replayedLsn", "timeline", "phases");
        assertThat(result.timeline()).isEqualTo(2);
        assertThat(result.isolation()).contains("no network");
        assertThat(cluster.catalogue().find(backup.id()).status().restoredAt()).isNotNull();
        assertThat(cluster.catalogue().drillsFolder().resolve(result.id() + ".json"))
                .content()
                .contains("\"passed\" : true");
    }

    @Test
    void recoversToATime() {
        DrillResult result = cluster.drill(plan(new RecoveryTarget.AtTime(after1), steps(1)));

        assertPassed(result);
        assertThat(result.recoveredTo()).isBefore(after1);
    }

    @Test
    void recoversToAPositionOfTheLog() {
        assertPassed(cluster.drill(plan(RecoveryTarget.lsn(lsnAfter2), steps(2))));
    }

    @Test
    void recoversToARestorePoint() {
        assertPassed(cluster.drill(plan(RecoveryTarget.name("before the fourth"), steps(3))));
    }

    @Test
    void aCheckThatIsNotTrueFailsIt() {
        DrillResult result = cluster.drill(plan(
                RecoveryTarget.LATEST,
                steps(5),
                new CheckQuery("no such table", "select true from nowhere"),
                new CheckQuery("a number", "select 1"),
                new CheckQuery("null", "select null::boolean"),
                new CheckQuery("right", "select true")));

        assertThat(result.passed()).isFalse();
        assertThat(result.checks())
                .filteredOn(c -> !c.passed())
                .extracting(DrillCheck::name)
                .containsExactly("newest step", "no such table", "a number", "null");
        assertThat(result.problem().orElseThrow()).hasMessageContaining("nowhere");
        assertThat(result.rto()).isNotNull();
    }

    @Test
    @Tag("campaign")
    void aLimitThatIsNotKeptFailsIt() {
        DrillResult result = cluster.drill(new DrillPlan(
                RecoveryTarget.LATEST,
                null,
                DrillPlan.MAX_RPO,
                Duration.ofMillis(1),
                List.of(),
                null,
                false,
                List.of(),
                DrillPlan.PORT));

        assertThat(result.failures()).singleElement().asString().startsWith("RTO");
    }

    @Test
    void aSegmentWithAChangedByteFailsItAndIsNamed() throws IOException {
        ArchivedFile segment = segments().get(segments().size() - 1);
        flip(segment.path(), segment.bytes() / 2);
        try {
            DrillResult result = cluster.drill(plan(RecoveryTarget.LATEST));

            assertThat(result.passed()).isFalse();
            assertThat(result.failure()).contains(segment.name(), "damaged");
        } finally {
            flip(segment.path(), segment.bytes() / 2);
        }
    }

    @Test
    @Tag("campaign")
    void aMissingSegmentFailsItAndIsNamed() throws IOException {
        cluster.run("insert into log (what) values ('more')");
        cluster.archive();
        ArchivedFile segment = segments().get(segments().size() - 2);
        Path away = segment.path().resolveSibling("away");
        Files.move(segment.path(), away);
        try {
            DrillResult result = cluster.drill(plan(RecoveryTarget.LATEST));

            assertThat(result.passed()).isFalse();
            assertThat(result.failure()).contains(segment.name(), "missing");
            assertThat(result.hint()).contains("target lsn('");
        } finally {
            Files.move(away, segment.path());
        }
    }

    @Test
    void aChangedFileOfTheBackupFailsItAndIsNamed() throws IOException {
        Path file = backup.folder().resolve("data/global/pg_filenode.map");
        flip(file, 100);
        try {
            DrillResult result = cluster.drill(plan(RecoveryTarget.LATEST));

            assertThat(result.passed()).isFalse();
            assertThat(result.failure()).contains("data/global/pg_filenode.map", "damaged");
            // It counts as none from now on, and is not chosen again.
            assertThat(cluster.catalogue().find(backup.id()).status().damages())
                    .singleElement()
                    .asString()
                    .contains("data/global/pg_filenode.map");
        } finally {
            flip(file, 100);
            cluster.catalogue().status(backup.id(), status -> status.withDamages(List.of()));
        }
    }

    @Test
    void aRecordThatWasDamagedBeforeItWasArchivedFailsIt() throws IOException {
        cluster.run("insert into log (what) values ('before')");
        Lsn begin = Lsn.parse(cluster.ask("select pg_current_wal_insert_lsn()")).orElseThrow();
        cluster.run("insert into log (what) values ('after')");
        cluster.archive();
        ArchivedFile segment = segments().get(segments().size() - 1);
        Path hash = segment.path().resolveSibling(segment.path().getFileName() + ".sha256");
        byte[] whole = Files.readAllBytes(segment.path());
        String sums = Files.readString(hash);
        try {
            byte[] log;
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(whole))) {
                log = in.readAllBytes();
            }
            String content = FileDigest.of(log);
            log[(int) (begin.position() % log.length) + 26] ^= 1;
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(segment.path()))) {
                out.write(log);
            }
            // Its hashes are right: it came so from the server's disk.
            Files.writeString(
                    hash,
                    sums.replace(FileDigest.of(whole), FileDigest.of(segment.path()))
                            .replace(content, FileDigest.of(log)));

            DrillResult result = cluster.drill(plan(RecoveryTarget.LATEST));

            assertThat(result.failures())
                    .anySatisfy(
                            failure -> assertThat(failure).startsWith("target").contains(segment.name()));
        } finally {
            Files.write(segment.path(), whole);
            Files.writeString(hash, sums);
        }
    }

    @Test
    void aSourceThatIsAnotherClusterIsNotWhatNothingIsMissingOf() {
        try (DatabasePools others =
                new DatabasePools(List.of(TestServers.settings("shore", TestServers.shore(), "postgres")))) {
            DrillResult result = new PitrDrill(
                            cluster.settings, others.database("shore"), Work.unattended("drill"), "01ANOTHER")
                    .run(plan(RecoveryTarget.LATEST));

            assertThat(result.failures())
                    .singleElement()
                    .asString()
                    .startsWith("RPO")
                    .contains("is on cluster");
        }
    }

    @Test
    void aComparisonInWhichNothingCouldBeComparedFailsIt() {
        cluster.run("update fleeting set n = n + 1");

        DrillResult result = cluster.drill(new DrillPlan(
                RecoveryTarget.LATEST,
                null,
                DrillPlan.MAX_RPO,
                DrillPlan.MAX_RTO,
                List.of(),
                null,
                false,
                List.of("public.fleeting"),
                DrillPlan.PORT));

        assertThat(result.failures())
                .singleElement()
                .asString()
                .startsWith("same as the source")
                .contains("public.fleeting");
    }

    @Test
    void anOutcomeThatCannotBeWrittenDownIsNoFailure() throws IOException {
        Path folder = cluster.catalogue().folder().resolve("status");
        FolderTree.delete(folder);
        Files.createFile(folder);
        try {
            assertPassed(cluster.drill(plan(RecoveryTarget.LATEST)));
        } finally {
            Files.delete(folder);
        }
    }

    @Test
    void aTargetBehindTheArchiveIsAnErrorThatSaysWhatIsThere() {
        DrillResult lsn = cluster.drill(plan(RecoveryTarget.lsn("FF/0")));
        assertThat(lsn.failure()).contains("beyond the archived WAL");

        DrillResult early = cluster.drill(plan(new RecoveryTarget.AtTime(Instant.EPOCH)));
        assertThat(early.hint()).contains(backup.id());

        DrillResult name = cluster.drill(plan(RecoveryTarget.name("never made")));
        assertThat(name.failure()).contains("no restore point 'never made'");
    }

    @Test
    void rowsThatDidNotComeBackAreFound() {
        StoppableWork work = new StoppableWork("drill");
        AtomicBoolean planted = new AtomicBoolean();
        work.onProgress(progress -> {
            if (progress.stage().equals("check") && planted.compareAndSet(false, true)) {
                inSandbox("delete from quiet where id = 77; update quiet set name = 'another' where id = 78");
            }
        });

        DrillResult result = new PitrDrill(cluster.settings, cluster.database(), work, "01PLANTED")
                .run(new DrillPlan(
                        RecoveryTarget.LATEST,
                        null,
                        DrillPlan.MAX_RPO,
                        DrillPlan.MAX_RTO,
                        List.of(),
                        null,
                        false,
                        List.of("public.quiet", "public.steps"),
                        DrillPlan.PORT));

        assertThat(planted).isTrue();
        assertThat(result.checks())
                .filteredOn(check -> !check.passed())
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("quiet").doesNotContain("steps"));
    }

    private void inSandbox(String sql) {
        Path sandboxes = cluster.home.resolve("state/sandboxes");
        try (Stream<Path> all = Files.list(sandboxes).filter(Files::isDirectory)) {
            Path socket = all.findFirst().orElseThrow().resolve("run/.s.PGSQL." + DrillPlan.PORT);
            try (Connection connection = DriverManager.getConnection(
                            "jdbc:postgresql://localhost:" + DrillPlan.PORT + "/app",
                            LocalSocketFactory.properties(socket, "postgres"));
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        } catch (IOException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<ArchivedFile> segments() {
        return cluster.catalogue().wal().files().stream()
                .filter(f -> f.kind() == ArchivedFile.Kind.SEGMENT)
                .toList();
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int was = open.read();
            open.seek(at);
            open.write(was ^ 1);
        }
    }
}
