package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupVerifierTest {

    @TempDir
    private Path folder;

    private MadeUpRepository repository;

    @BeforeEach
    void makeRepository() {
        repository = new MadeUpRepository(folder);
    }

    @Test
    void findsAnyByteThatFlipped() throws IOException {
        Backup full = repository.base(Duration.ofHours(5), 3);
        repository.incremental(full, Duration.ofHours(4), 5);
        repository.dump(Duration.ofHours(3));
        for (int number = 3; number < 9; number++) {
            repository.segment(1, number, Duration.ofHours(2));
        }
        repository.history(2, "1\t0/7000000\tno recovery target specified\n");
        assertThat(verify().isSound()).isTrue();

        List<Path> files = files();
        Random random = new Random(100);
        for (int i = 0; i < 100; i++) {
            // Every file once at least, then any.
            Path file = i < files.size() ? files.get(i) : files.get(random.nextInt(files.size()));
            byte[] whole = Files.readAllBytes(file);
            byte[] flipped = whole.clone();
            int at = random.nextInt(whole.length);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, flipped);
            assertThat(verify().isSound()).as("byte %d of %s", at, file).isFalse();
            Files.write(file, whole);
        }
        assertThat(verify().isSound()).as("all mended").isTrue();
    }

    @Test
    void findsWhatIsMissingAndWhatIsNew() throws IOException {
        Backup backup = repository.base(Duration.ofHours(5), 3);
        Files.delete(backup.folder().resolve("data/PG_VERSION"));
        Files.writeString(backup.folder().resolve("data/new"), "x");
        assertThat(verify().damaged().get(backup.id()))
                .containsExactly("data/PG_VERSION is missing", "data/new was not there when the backup was made");
        assertThat(repository.catalogue.find(backup.id()).isGood()).isFalse();
    }

    @Test
    void findsALostManifest() throws IOException {
        Backup backup = repository.base(Duration.ofHours(5), 3);
        Files.delete(backup.folder().resolve("manifest.json"));
        assertThat(verify().damaged()).containsKey(backup.id());
        assertThat(verify().failure()).get().asString().contains("shore: backup " + backup.id() + " is damaged");
    }

    @Test
    void saysHowFarABackupLeadsWhenASegmentIsDamaged() throws IOException {
        Backup older = repository.base(Duration.ofHours(5), 3);
        Backup newer = repository.base(Duration.ofHours(1), 6);
        for (int number = 3; number < 8; number++) {
            repository.segment(1, number, Duration.ofHours(2));
        }
        Path segment = repository.segment(1, 5, Duration.ofHours(2));
        byte[] whole = Files.readAllBytes(segment);
        byte[] flipped = whole.clone();
        flipped[100] ^= 1;
        Files.write(segment, flipped);
        IntegrityResult result = verify();
        assertThat(result.limits())
                .containsOnlyKeys(older.id())
                .containsValue("not restorable beyond 0/5000000: archived segment 000000010000000000000005 is damaged");
        assertThat(repository.catalogue.find(older.id()).isGood()).isTrue();
        assertThat(repository.catalogue.find(older.id()).status().limit()).isNotNull();
        assertThat(repository.catalogue.find(newer.id()).status().limit()).isNull();

        Files.write(segment, whole);
        assertThat(verify().isSound()).isTrue();
        assertThat(repository.catalogue.find(older.id()).status().limit()).isNull();
    }

    @Test
    void findsAGapBetweenABaseBackupAndTheNewestLog() {
        Backup older = repository.base(Duration.ofHours(5), 3);
        Backup newer = repository.base(Duration.ofHours(1), 7);
        for (int number : new int[] {2, 3, 4, 7, 8}) {
            repository.segment(1, number, Duration.ofHours(2));
        }
        IntegrityResult result = verify();
        assertThat(result.limits())
                .containsOnlyKeys(older.id())
                .containsValue(
                        "not restorable beyond 0/5000000: 000000010000000000000005 is not in the archive, and 1 more");
        assertThat(result.failure()).isPresent();
        assertThat(repository.catalogue.find(newer.id()).status().limit()).isNull();
    }

    @Test
    void anArchiveThatBeganLaterIsNoAlarm() {
        Backup before = repository.base(Duration.ofHours(5), 3);
        repository.base(Duration.ofHours(1), 7);
        repository.segment(1, 6, Duration.ofHours(2));
        repository.segment(1, 7, Duration.ofHours(2));
        IntegrityResult result = verify();
        assertThat(result.isSound()).isTrue();
        assertThat(repository.catalogue.find(before.id()).status().limit())
                .startsWith("not restorable beyond 0/3000000: 000000010000000000000003 is not in the archive");
    }

    @Test
    void findsASegmentUnderAnotherOnesName() {
        repository.base(Duration.ofHours(5), 3);
        Path file = repository.segment(1, 3, Duration.ofHours(2), 4);
        assertThat(verify().archiveProblems())
                .containsEntry(
                        String.valueOf(file.getFileName()),
                        "it holds another segment than its name says: its first page is at 0/4000000");
    }

    @Test
    void findsASegmentOfWhichOnlyTheHashIsLeft() throws IOException {
        repository.segment(1, 3, Duration.ofHours(2));
        Path lost = repository.segment(1, 4, Duration.ofHours(2));
        repository.segment(1, 5, Duration.ofHours(2));
        Files.delete(lost);
        // The hash is written first: this young, its file may only be on its way.
        assertThat(verify().archiveProblems()).isEmpty();
        Files.setLastModifiedTime(HashFile.of(lost), FileTime.from(repository.now.minus(Duration.ofHours(1))));
        assertThat(verify().archiveProblems())
                .containsEntry(String.valueOf(lost.getFileName()), "it is missing, and only its hash is there");
    }

    @Test
    void marksWhatBuildsOnADamagedBackupAndClearsItAgain() throws IOException {
        Backup full = repository.base(Duration.ofHours(5), 3);
        Backup incremental = repository.incremental(full, Duration.ofHours(4), 5);
        Path file = full.folder().resolve("data/base/1/1259");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, new byte[whole.length]);
        assertThat(verify().damaged().get(incremental.id()))
                .containsExactly("the backup it builds on, " + full.id() + ", is damaged");
        Files.write(file, whole);
        assertThat(verify().isSound()).isTrue();
    }

    @Test
    void beginsWithWhatWasVerifiedLongestAgo() {
        Backup first = repository.base(Duration.ofHours(5), 3);
        Backup second = repository.base(Duration.ofHours(4), 4);
        IntegrityPlan noTime = new IntegrityPlan(Bytes.megabytes(50), null, Duration.ofNanos(1));
        assertThat(verifier().verify(noTime).left()).isEqualTo(2);
        repository.catalogue.status(first.id(), status -> status.withVerified(repository.now));
        assertThat(verifier().describe(IntegrityPlan.DEFAULT))
                .extracting(action -> action.sql())
                .containsExactly("read backup " + second.id(), "read backup " + first.id());
    }

    @Test
    void readsNoFasterThanAllowed() {
        repository.base(Duration.ofHours(5), 3);
        long bytes = repository.catalogue.backups().get(0).manifest().bytes();
        long began = System.nanoTime();
        verifier().verify(new IntegrityPlan(Bytes.of(bytes * 4), null, null));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(150));
    }

    @Test
    void stopsWhenItIsCancelledAndLeavesNoPin() {
        Backup backup = repository.base(Duration.ofHours(5), 3);
        StoppableWork work = new StoppableWork("verify");
        work.onProgress(progress -> work.stop());
        assertThatThrownBy(() -> new BackupVerifier(repository.catalogue, repository.clock(), work)
                        .verify(new IntegrityPlan(Bytes.of(10), null, null)))
                .isInstanceOf(WorkCancelledException.class);
        assertThat(repository.catalogue.isPinned(backup.id())).isFalse();
    }

    private BackupVerifier verifier() {
        return new BackupVerifier(repository.catalogue, repository.clock(), Work.unattended("test"));
    }

    private IntegrityResult verify() {
        return verifier().verify(IntegrityPlan.DEFAULT);
    }

    /** Of backups and archive, without the agent's own notes. */
    private List<Path> files() throws IOException {
        try (Stream<Path> backups = Files.walk(repository.catalogue.backupsFolder());
                Stream<Path> wal = Files.walk(repository.catalogue.wal().folder())) {
            return Stream.concat(backups, wal)
                    .filter(Files::isRegularFile)
                    .filter(file -> file.toFile().length() > 0)
                    .toList();
        }
    }
}
