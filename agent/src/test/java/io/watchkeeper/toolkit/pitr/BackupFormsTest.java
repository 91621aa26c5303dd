package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupKind;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupFormat;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.Encryption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every form in which a base backup is stored comes back, tablespaces included. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackupFormsTest {

    private BackedUpCluster cluster;
    private Path key;

    @BeforeAll
    void backUp() throws IOException {
        key = Files.createTempFile("watchkeeper", ".key");
        Files.delete(key);
        String recipient = PgCommand.of(PgBinaries.onPath("age-keygen", "age"), "-o", key.toString())
                .run(Work.unattended("test"))
                .errors()
                .replaceFirst("(?s).*(age1[a-z0-9]+).*", "$1");
        cluster = new BackedUpCluster(new Encryption(List.of(recipient), key));
        Path tablespace = Files.createDirectory(cluster.home.resolve("elsewhere"));
        Files.setPosixFilePermissions(tablespace, PosixFilePermissions.fromString("rwxrwxrwx"));
        PgCommand.of(
                        Path.of("/bin/chown"),
                        Files.getOwner(cluster.server.data()).getName(),
                        tablespace.toString())
                .run(Work.unattended("test"));
        TestServers.execute(cluster.server, "postgres", "create tablespace elsewhere location '" + tablespace + "'");
        cluster.run("create table far tablespace elsewhere as select i as id from generate_series(1, 500) i");
    }

    @AfterAll
    void close() throws IOException {
        cluster.close();
        Files.deleteIfExists(key);
    }

    private Backup backup(BackupSettings settings, BaseBackupPlan plan) throws Exception {
        return new BaseBackup(cluster.database(), settings, Work.unattended("backup"))
                .run(plan.withFastCheckpoint(true))
                .backup();
    }

    private BackupSettings plain() {
        BackupSettings s = cluster.settings;
        return new BackupSettings(s.repository(), null, s.state(), s.bin(), s.host(), s.clock());
    }

    private DrillResult drill(Backup backup) {
        return cluster.drill(new DrillPlan(
                RecoveryTarget.LATEST,
                backup.id(),
                Duration.ofHours(1),
                DrillPlan.MAX_RTO,
                List.of(new CheckQuery("in the tablespace", "select count(*) >= 500 from far")),
                null,
                false,
                List.of(),
                DrillPlan.PORT));
    }

    @Test
    void comesBackOutOfTarFiles() throws Exception {
        comesBackOutOfTarFiles(Compression.GZIP);
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, mode = EnumSource.Mode.EXCLUDE, names = "GZIP")
    @Tag("campaign")
    void comesBackOutOfTarFiles(Compression compression) throws Exception {
        Backup backup = backup(
                plain(), BaseBackupPlan.USUAL.withFormat(BaseBackupFormat.TAR).withCompression(compression, null));
        cluster.run("insert into far values (0)");
        cluster.archive();

        assertThat(drill(backup).failures()).isEmpty();
    }

    @Test
    @Tag("campaign")
    void comesBackOutOfFiles() throws Exception {
        Backup backup = backup(plain(), BaseBackupPlan.USUAL);

        assertThat(drill(backup).failures()).isEmpty();
    }

    @Test
    void comesBackEncryptedAndOnlyWithTheKey() throws Exception {
        Backup backup = backup(cluster.settings, BaseBackupPlan.USUAL);
        assertThat(backup.manifest().encryption()).isEqualTo("age");

        assertThat(drill(backup).failures()).isEmpty();

        BackupSettings keyless = new BackupSettings(
                cluster.settings.repository(),
                new Encryption(
                        Objects.requireNonNull(cluster.settings.encryption()).recipients(), null),
                cluster.settings.state(),
                null,
                "shore-1",
                cluster.settings.clock());
        DrillResult refused = new PitrDrill(keyless, cluster.database(), Work.unattended("drill"), "01NOKEY")
                .run(DrillPlan.to(RecoveryTarget.LATEST));
        assertThat(refused.failure()).contains("encrypted");
        assertThat(refused.hint()).contains("identityFile");
    }

    @Test
    @Tag("campaign")
    void tablespacesGoBesideTheDirectoryAndNeverToTheOriginals() throws Exception {
        backup(plain(), BaseBackupPlan.USUAL);
        Path folder = Files.createTempDirectory("watchkeeper-restore");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            Path to = folder.resolve("data");
            new DirectoryRestore(cluster.settings, "shore", Work.unattended("restore"))
                    .run(new DirectoryPlan(to, RecoveryTarget.LATEST, null, false, null, null));

            try (var links = Files.list(to.resolve("pg_tblspc"))) {
                assertThat(links)
                        .singleElement()
                        .satisfies(link ->
                                assertThat(Files.readSymbolicLink(link)).hasParent(folder.resolve("data_tablespaces")));
            }
        } finally {
            FolderTree.delete(folder);
        }
    }

    @Test
    void namesTheProgramsThatAreMissing() {
        BackupManifest manifest = new BackupManifest(
                "20261121T000000.000Z-base",
                BackupKind.BASE,
                BackupManifest.NATIVE,
                "shore",
                "app",
                "99.1",
                0,
                1,
                null,
                null,
                cluster.now(),
                cluster.now(),
                16 << 20,
                List.of(),
                java.util.Map.of(),
                "",
                Compression.NONE,
                null,
                java.util.Map.of());
        Backup strange = new Backup(manifest, cluster.home, io.watchkeeper.toolkit.backup.BackupStatus.NEW);

        assertThatThrownBy(() -> BaseRestore.programs(cluster.settings, strange))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("PostgreSQL 99")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("postgresql-99"));
    }
}
