package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupExpiryTest {

    @TempDir
    private Path folder;

    private MadeUpRepository repository;

    @BeforeEach
    void makeRepository() {
        repository = new MadeUpRepository(folder);
    }

    @Test
    void removesFoldersStatesAndSegments() throws IOException {
        Backup old = repository.base(Duration.ofDays(30), 3);
        Backup kept = repository.base(Duration.ofDays(3), 6);
        Backup newest = repository.base(Duration.ofDays(1), 8);
        repository.catalogue.status(old.id(), status -> status.withVerified(repository.now));
        repository.history(2, "1\t0/7000000\tno reason\n");
        for (int number = 2; number < 9; number++) {
            repository.segment(1, number, Duration.ofDays(20));
        }
        ExpiryResult result = expire();
        assertThat(result.removed()).containsExactly(old.id());
        assertThat(result.segmentsRemoved()).isEqualTo(4);
        assertThat(ids()).containsExactly(kept.id(), newest.id());
        assertThat(old.folder()).doesNotExist();
        assertThat(repository.catalogue.folder().resolve("status").resolve(old.id() + ".json"))
                .doesNotExist();
        assertThat(archive())
                .containsExactly(
                        "000000010000000000000006.gz",
                        "000000010000000000000006.gz.sha256",
                        "000000010000000000000007.gz",
                        "000000010000000000000007.gz.sha256",
                        "000000010000000000000008.gz",
                        "000000010000000000000008.gz.sha256",
                        "00000002.history",
                        "00000002.history.sha256");
        assertThat(new BackupVerifier(repository.catalogue, repository.clock(), work())
                        .verify(IntegrityPlan.DEFAULT)
                        .isSound())
                .isTrue();
        assertThat(expiry().plan(RetentionPolicy.DEFAULT).isEmpty()).isTrue();
    }

    @Test
    void describesWithoutChangingAnything() throws IOException {
        Backup old = repository.base(Duration.ofDays(30), 3);
        repository.base(Duration.ofDays(3), 6);
        repository.base(Duration.ofDays(1), 8);
        repository.segment(1, 4, Duration.ofDays(20));
        assertThat(expiry().describe(RetentionPolicy.DEFAULT))
                .extracting(action -> action.sql() + ": " + action.note())
                .contains(
                        "remove backup " + old.id() + ": older than 7 d",
                        "remove WAL 000000010000000000000004: older than 14 d, and no remaining base backup needs it");
        assertThat(ids()).hasSize(3);
        assertThat(archive()).hasSize(2);
    }

    @Test
    void leavesWhatADrillReadsAndItsLog() throws IOException {
        Backup old = repository.base(Duration.ofDays(30), 3);
        repository.base(Duration.ofDays(3), 6);
        repository.base(Duration.ofDays(1), 8);
        repository.segment(1, 3, Duration.ofDays(20));
        LockFile pin = repository.catalogue.pin(old.id(), "drill-1");
        try {
            assertThat(expire().removed()).isEmpty();
            assertThat(archive()).hasSize(2);
        } finally {
            pin.close();
        }
        assertThat(expire().removed()).containsExactly(old.id());
        assertThat(archive()).isEmpty();
    }

    @Test
    void leavesWhatIsHeldAndWhatMayBeHeld() throws IOException {
        Backup held = repository.base(Duration.ofDays(40), 3);
        Backup unreadable = repository.base(Duration.ofDays(30), 4);
        repository.base(Duration.ofDays(3), 6);
        repository.base(Duration.ofDays(1), 8);
        repository.catalogue.status(held.id(), status -> status.withHeld("ann: before the migration"));
        Files.writeString(repository.catalogue.folder().resolve("status").resolve(unreadable.id() + ".json"), "{");
        assertThat(expire().removed()).isEmpty();
        repository.catalogue.status(held.id(), status -> status.withHeld(null));
        assertThat(expire().removed()).containsExactly(held.id());
    }

    @Test
    void waitsForNobodyWhoMakesABackup() {
        repository.base(Duration.ofDays(30), 3);
        LockFile maker = repository.catalogue.lock("run 01X of base-backup");
        try {
            assertThatThrownBy(this::expire)
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("run 01X of base-backup");
        } finally {
            maker.close();
        }
    }

    @Test
    void goesOnWhereADeadExpiryEnded() throws IOException {
        Backup old = repository.base(Duration.ofDays(30), 3);
        repository.base(Duration.ofDays(3), 6);
        repository.base(Duration.ofDays(1), 8);
        Path first = repository.segment(1, 3, Duration.ofDays(20));
        repository.segment(1, 4, Duration.ofDays(20));
        repository.segment(1, 6, Duration.ofDays(20));
        // It died after the rename and one deletion in it, and between a segment and its hash.
        Path away = old.folder().resolveSibling(old.id() + ".expired");
        Files.move(old.folder(), away);
        Files.delete(away.resolve("manifest.json"));
        Files.delete(first);
        assertThat(new BackupVerifier(repository.catalogue, repository.clock(), work())
                        .verify(IntegrityPlan.DEFAULT)
                        .isSound())
                .isTrue();
        assertThat(expire().segmentsRemoved()).isEqualTo(1);
        assertThat(away).doesNotExist();
        assertThat(archive()).containsExactly("000000010000000000000006.gz", "000000010000000000000006.gz.sha256");
    }

    private BackupExpiry expiry() {
        return new BackupExpiry(repository.catalogue, repository.clock(), work());
    }

    private ExpiryResult expire() {
        return expiry().expire(RetentionPolicy.DEFAULT);
    }

    private static Work work() {
        return Work.unattended("test");
    }

    private List<String> ids() {
        return repository.catalogue.backups().stream().map(Backup::id).toList();
    }

    private Set<String> archive() throws IOException {
        try (Stream<Path> files = Files.list(repository.catalogue.wal().folder())) {
            return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
