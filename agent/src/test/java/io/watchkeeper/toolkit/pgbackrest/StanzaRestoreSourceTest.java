package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.pitr.CheckQuery;
import io.watchkeeper.toolkit.pitr.DirectoryPlan;
import io.watchkeeper.toolkit.pitr.DirectoryRestore;
import io.watchkeeper.toolkit.pitr.DirectoryResult;
import io.watchkeeper.toolkit.pitr.DrillPlan;
import io.watchkeeper.toolkit.pitr.DrillResult;
import io.watchkeeper.toolkit.pitr.PitrDrill;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import io.watchkeeper.toolkit.pitr.RestorePreview;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Drills and restores out of a stanza, through pgBackRest itself. */
class StanzaRestoreSourceTest {

    private static StanzaServer stanza;
    private static StanzaBackup full;
    private static Instant after200 = Instant.EPOCH;

    @BeforeAll
    static void fill() throws Exception {
        stanza = StanzaServer.start();
        Files.createDirectories(stanza.settings().state());
        stanza.program().create();
        stanza.execute("create table t as select generate_series(1, 100) n");
        full = stanza.backup(StanzaBackup.Type.FULL);
        stanza.execute("insert into t select generate_series(101, 200)");
        // The backup's end is known to the second.
        stanza.execute("select pg_sleep(1.1)");
        after200 = Instant.parse(
                value("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
        stanza.execute("insert into t select generate_series(201, 300)");
        stanza.execute("select pg_create_restore_point('before the end')");
        stanza.execute("insert into t select generate_series(301, 400)");
        stanza.program().check();
    }

    @AfterAll
    static void stop() {
        if (stanza != null) {
            stanza.close();
        }
    }

    private static String value(String sql) {
        return TestHost.ask(stanza.server(), "postgres", sql);
    }

    private static StanzaRestoreSource source(Work work) {
        return new StanzaRestoreSource(stanza.program(work), stanza.settings(), "shore");
    }

    private static DrillResult drill(DrillPlan plan) {
        Work work = Work.unattended("drill");
        return new PitrDrill(stanza.settings(), source(work), stanza.database(), work, "01TESTRUN").run(plan);
    }

    /** @param backup null for the newest that leads there */
    private static DrillPlan plan(@Nullable String backup, RecoveryTarget target, int rows) {
        return new DrillPlan(
                target,
                backup,
                DrillPlan.MAX_RPO,
                DrillPlan.MAX_RTO,
                List.of(
                        new CheckQuery("rows", "select count(*) = " + rows + " from t"),
                        new CheckQuery("archives nothing", "select current_setting('archive_mode') = 'off'")),
                null,
                false,
                List.of(),
                DrillPlan.PORT);
    }

    private static DirectoryRestore restore() {
        Work work = Work.unattended("restore");
        return new DirectoryRestore(stanza.settings(), source(work), "shore", work);
    }

    private static DirectoryPlan plan(Path to, String owner) {
        return new DirectoryPlan(to, RecoveryTarget.LATEST, full.label(), false, owner, null);
    }

    private static String owner() throws IOException {
        return Files.getOwner(stanza.server().data()).getName();
    }

    @Test
    void drillsToATimeAndWritesTheOutcomeDown() {
        DrillResult result = drill(plan(null, new RecoveryTarget.AtTime(after200), 200));

        assertThat(result.failures()).isEmpty();
        assertThat(result.backup()).isEqualTo(full.label());
        Backup entry = stanza.catalogue().find(full.label());
        assertThat(entry.status().restoredAt()).isNotNull();
        assertThat(stanza.settings().state().resolve("sandboxes"))
                .satisfies(folder -> assertThat(leftIn(folder)).isEmpty());
    }

    private static List<Path> leftIn(Path folder) {
        try (var all = Files.list(folder)) {
            return all.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void restoresToADirectoryThatRecoversByItself() throws Exception {
        Path folder = stanza.give(Files.createDirectory(stanza.folder().resolve("restored")));
        Path to = folder.resolve("data");

        DirectoryResult result = restore().run(plan(to, owner()));

        assertThat(result.backup()).isEqualTo(full.label());
        assertThat(to.resolve("watchkeeper.parts")).doesNotExist();
        assertThat(Files.readString(to.resolve("postgresql.auto.conf")))
                .contains("archive_mode = 'off'", "archive-get", "--pg1-path=" + to)
                .doesNotContain("watchkeeper.parts");
        Path conf = to.resolve("postgresql.conf");
        Files.writeString(
                conf,
                Files.readString(conf)
                        .replaceAll("(?m)^port = \\d+", "port = " + LocalServer.freePort())
                        .replaceAll("(?m)^unix_socket_directories = .*", "unix_socket_directories = '" + folder + "'"));
        try (LocalServer restored = LocalServer.attach(TestServers.binaries(), folder)) {
            restored.start();
            Awaitility.await()
                    .until(() -> TestHost.ask(restored, "postgres", "select pg_is_in_recovery()")
                            .equals("f"));
            assertThat(TestHost.ask(restored, "postgres", "select count(*) from t"))
                    .isEqualTo("400");
        }
        FolderTree.delete(folder);
    }

    @Test
    void saysBeforeWhatItWouldUseAndWhatCanBeReached() {
        Work work = Work.unattended("drill");
        RestorePreview preview = new PitrDrill(stanza.settings(), source(work), stanza.database(), work, "01TESTRUN")
                .preview(plan(null, new RecoveryTarget.AtTime(after200), 200));

        assertThat(preview.backup().id()).isEqualTo(full.label());
        assertThat(preview.segments()).isPositive();
        assertThat(String.join("\n", preview.lines(Instant.now(stanza.settings().clock()))))
                .contains(full.label(), "in stanza 'main'", "from " + full.finishedAt() + " to ");
    }

    @Test
    void saysWhichProviderToNameWhereTheOneOfTheRepositoryIsAsked() {
        stanza.entries();
        DrillPlan plan = plan(full.label(), RecoveryTarget.LATEST, 400);

        OperatorException e = catchThrowableOfType(
                OperatorException.class,
                () -> new PitrDrill(stanza.settings(), stanza.database(), Work.unattended("drill"), "01TESTRUN")
                        .preview(plan));

        assertThat(e).hasMessageContaining("pgbackrest keeps them");
        assertThat(e.hint()).contains("provider pgbackrest('main')");
    }

    @Test
    void refusesATargetBeforeTheOldestBackup() {
        assertThat(drill(plan(null, new RecoveryTarget.AtTime(Instant.parse("2020-01-01T00:00:00Z")), 0))
                        .failures())
                .singleElement()
                .asString()
                .contains("no good base backup of shore ends before");
    }

    @Test
    void refusesAnOwnerWhoCannotReadTheRepositoryBeforeAnythingIsWritten() throws Exception {
        Path repository = stanza.repository();
        Files.setPosixFilePermissions(repository, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Path to = stanza.folder().resolve("theirs");
        String other = owner().equals("nobody") ? "postgres" : "nobody";

        OperatorException e =
                catchThrowableOfType(OperatorException.class, () -> restore().run(plan(to, other)));

        assertThat(e).hasMessageContaining("user " + other + " cannot read stanza 'main'");
        assertThat(e.hint()).contains("owner '" + owner() + "'");
        assertThat(to).doesNotExist();
    }

    @Test
    void failsLoudlyWhenAFileOfTheBackupIsDamaged() throws Exception {
        try (Damage damage = Damage.to(stanza.find("backup/main/" + full.label(), n -> n.startsWith("pg_control")))) {
            DrillResult result = drill(plan(full.label(), RecoveryTarget.LATEST, 400));

            assertThat(result.passed()).isFalse();
            assertThat(result.hint()).contains("verifyBackups with provider pgbackrest('main')");
            assertThat(String.join("; ", result.failures())).contains("pgbackrest restore of stanza 'main'");
            assertThat(damage.file()).exists();
        }
    }

    @Test
    @Tag("campaign")
    void failsLoudlyWhenASegmentIsDamaged() throws Exception {
        String last = value("select pg_walfile_name('" + full.stop() + "')");
        String next = String.format("%s%08X", last.substring(0, 16), Long.parseLong(last.substring(16), 16) + 1);
        Path segment = stanza.find("archive/main", n -> n.startsWith(next));
        try (Damage damage = Damage.to(segment)) {
            DrillResult result = drill(plan(full.label(), RecoveryTarget.LATEST, 400));

            assertThat(result.passed()).isFalse();
            assertThat(String.join("; ", result.failures())).contains(next);
            // Whole as a compressed file, so that pgBackRest hands it out.
            Files.copy(
                    stanza.find("archive/main", n -> n.startsWith(last)),
                    damage.file(),
                    StandardCopyOption.REPLACE_EXISTING);
            assertThat(drill(plan(full.label(), RecoveryTarget.LATEST, 400)).failures())
                    .anySatisfy(failure -> assertThat(failure).contains(next, "is damaged: its SHA-1 is"));
        }
    }

    @Test
    @Tag("campaign")
    void drillsToARestorePointAndToTheLatestFromAnIncrementalBackup() {
        assertThat(drill(plan(null, new RecoveryTarget.AtName("before the end"), 300))
                        .failures())
                .isEmpty();
        StanzaBackup incremental = stanza.backup(StanzaBackup.Type.INCR);
        stanza.program().check();

        DrillResult latest = drill(plan(null, RecoveryTarget.LATEST, 400));

        assertThat(latest.failures()).isEmpty();
        assertThat(latest.backup()).isEqualTo(incremental.label());
    }

    @Test
    @Tag("campaign")
    void drillsWhereTheClusterItselfIsOnAnotherHost() throws Exception {
        Path config = stanza.folder().resolve("elsewhere.conf");
        Files.writeString(
                config,
                Files.readString(stanza.config())
                        .replace("[main]", "[main]\npg1-host=shore-1\npg1-host-user=postgres"));
        stanza.give(config);
        Work work = Work.unattended("drill");
        PgBackRest program = PgBackRest.of(new Stanza(StanzaServer.STANZA, config), work);
        StanzaRestoreSource source = new StanzaRestoreSource(program, stanza.settings(), "shore");

        DrillResult result = new PitrDrill(stanza.settings(), source, stanza.database(), work, "01TESTRUN")
                .run(plan(null, new RecoveryTarget.AtTime(after200), 200));

        assertThat(result.failures()).isEmpty();
    }

    /** A file's middle turned over; as it was again when closed. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Damage(Path file, byte[] before) implements AutoCloseable {

        static Damage to(Path file) throws IOException {
            Damage damage = new Damage(file, Files.readAllBytes(file));
            try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
                long middle = access.length() / 2;
                access.seek(middle);
                for (int i = 0; i < 16; i++) {
                    access.write(~damage.before[(int) middle + i]);
                }
            }
            return damage;
        }

        @Override
        public void close() throws IOException {
            Files.write(file, before);
        }
    }
}
