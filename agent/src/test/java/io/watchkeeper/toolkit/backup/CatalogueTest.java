package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {

    @TempDir
    private Path repository;

    private Catalogue catalogue;

    @BeforeEach
    void open() {
        catalogue = settings().catalogue("shore");
    }

    private BackupSettings settings() {
        return new BackupSettings(repository, null, repository.resolve("state"), null, "shore-1", Clock.systemUTC());
    }

    @Test
    void findsWhatWasFinished() throws IOException {
        Backup made = backup("rows");

        Backup found = catalogue.find(made.id());
        assertThat(found.manifest()).isEqualTo(made.manifest());
        assertThat(found.isGood()).isTrue();
        StoredFile file = found.manifest().files().get(0);
        assertThat(file.path()).isEqualTo("dump/rows.sql");
        assertThat(FileDigest.of(found.file(file))).isEqualTo(file.sha256());
        assertThat(settings().catalogues()).extracting(Catalogue::database).containsExactly("shore");
    }

    @Test
    void neverShowsWhatIsNotFinished() throws IOException {
        try (LockFile lock = catalogue.lock("test");
                BackupDraft draft = catalogue.begin(BackupKind.BASE)) {
            Files.writeString(draft.folder().resolve("part"), "half");
            catalogue.sweep();

            assertThat(lock).isNotNull();
            assertThat(catalogue.backups()).isEmpty();
            assertThat(draft.folder().resolve("part")).exists();
        }
        assertThat(folders()).isEmpty();
    }

    @Test
    void sweepsWhatADeadProcessHasLeft() throws IOException {
        Backup kept = backup("rows");
        Path half = Files.createDirectories(repository.resolve("shore/backups/20261121T000000.000Z-base.making/data"));
        Path expired = Files.createDirectories(repository.resolve("shore/backups/20261120T000000.000Z-base.expired"));

        settings().sweep();

        assertThat(half.getParent()).doesNotExist();
        assertThat(expired).doesNotExist();
        assertThat(catalogue.backups()).extracting(Backup::id).containsExactly(kept.id());
    }

    @Test
    void aChangedManifestIsADamagedBackup() throws IOException {
        Backup made = backup("rows");
        Path manifest = made.folder().resolve("manifest.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replace("\"databaseName\" : \"app\"", "\"databaseName\" : \"apq\""));

        assertThat(catalogue.find(made.id()).isGood()).isFalse();

        try (RandomAccessFile torn = new RandomAccessFile(manifest.toFile(), "rw")) {
            torn.setLength(20);
        }
        assertThat(catalogue.find(made.id()).status().damages().get(0)).startsWith("the manifest cannot be read");
        assertThat(catalogue.find(made.id()).kind()).isEqualTo(BackupKind.DUMP);
    }

    @Test
    void keepsWhatIsKnownOfABackupBesideIt() throws IOException {
        Backup made = backup("rows");
        Instant now = Instant.parse("2026-11-21T15:00:00Z");

        catalogue.status(made.id(), status -> status.withHeld("audit of 2026").withRestored(now, 12.5));
        catalogue.status(made.id(), status -> status.withDamages(List.of("a byte is another")));

        BackupStatus status = catalogue.find(made.id()).status();
        assertThat(status.held()).isEqualTo("audit of 2026");
        assertThat(status.restoredAt()).isEqualTo(now);
        assertThat(catalogue.find(made.id()).isGood()).isFalse();
    }

    @Test
    void aChangedStatusIsFoundAndHoldsTheBackup() throws IOException {
        Backup made = backup("rows");
        catalogue.status(made.id(), status -> status.withVerified(Instant.parse("2026-11-21T15:00:00Z")));
        Path file = repository.resolve("shore/status").resolve(made.id() + ".json");
        byte[] before = Files.readAllBytes(file);

        for (int at = 0; at < before.length; at++) {
            byte[] changed = before.clone();
            changed[at] ^= 1;
            Files.write(file, changed);

            BackupStatus status = catalogue.find(made.id()).status();
            assertThat(status.isDamaged()).as("byte %s", at).isTrue();
            assertThat(status.held()).isNotNull();
        }
    }

    @Test
    void onlyOneMakesOrExpires() {
        try (LockFile lock = catalogue.lock("run 01A, base-backup-hourly")) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> catalogue.lock("another"))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("run 01A, base-backup-hourly");
        }
        catalogue.lock("another").close();
    }

    @Test
    void aPinHoldsAsLongAsItsProcess() throws IOException {
        Backup made = backup("rows");
        try (LockFile pin = catalogue.pin(made.id(), "01DRILL")) {
            assertThat(pin).isNotNull();
            assertThat(catalogue.isPinned(made.id())).isTrue();
        }
        assertThat(catalogue.isPinned(made.id())).isFalse();
    }

    @Test
    void removesABackupWithAllThatIsKnownOfIt() throws IOException {
        Backup made = backup("rows");
        catalogue.status(made.id(), status -> status.withVerified(Instant.parse("2026-11-21T15:00:00Z")));

        assertThat(catalogue.remove(made)).isTrue();

        assertThat(catalogue.backups()).isEmpty();
        assertThat(folders()).isEmpty();
        assertThatThrownBy(() -> catalogue.find(made.id())).hasMessageContaining("there is no backup");
    }

    @Test
    void leavesABackupThatIsHeldSinceItWasLookedAt() throws IOException {
        Backup made = backup("rows");
        catalogue.status(made.id(), status -> status.withHeld("ann: before the migration"));

        assertThat(catalogue.remove(made)).isFalse();

        assertThat(catalogue.find(made.id()).status().held()).isEqualTo("ann: before the migration");
    }

    @Test
    void refusesARepositoryFromTheFuture() throws IOException {
        BackupJson.write(repository.resolve("repository.json"), Map.of("format", 2));

        assertThatThrownBy(() -> settings().catalogue("shore")).hasMessageContaining("is of form 2");
    }

    private Backup backup(String content) throws IOException {
        try (LockFile lock = catalogue.lock("test");
                BackupDraft draft = catalogue.begin(BackupKind.DUMP)) {
            assertThat(lock).isNotNull();
            Files.createDirectory(draft.folder().resolve("dump"));
            Files.writeString(draft.folder().resolve("dump/rows.sql"), content);
            return draft.finish(
                    new BackupManifest(
                            draft.id(),
                            BackupKind.DUMP,
                            BackupManifest.NATIVE,
                            "shore",
                            "app",
                            "15.18",
                            7_000_000_000_000_000_000L,
                            1,
                            null,
                            Lsn.parse("0/1A2B3C4").orElseThrow(),
                            Instant.parse("2026-11-21T14:00:00Z"),
                            Instant.parse("2026-11-21T14:00:02Z"),
                            16 << 20,
                            List.of(),
                            Map.of("pg_dump", "15.18"),
                            "",
                            Compression.GZIP,
                            null,
                            Map.of("format", "plain")),
                    Map.of());
        }
    }

    private List<Path> folders() throws IOException {
        try (var all = Files.list(repository.resolve("shore/backups"))) {
            return all.toList();
        }
    }
}
