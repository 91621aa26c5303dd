package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryStateTest {

    @TempDir
    private Path folder;

    private MadeUpRepository repository;
    private RepositoryState state;

    @BeforeEach
    void makeRepository() {
        repository = new MadeUpRepository(folder);
        state = new RepositoryState(repository.settings, (database, archive, newest) -> Optional.empty());
    }

    @Test
    void seesEveryChange() throws IOException {
        Backup first = repository.base(Duration.ofHours(5), 3);
        assertThat(state.get().backups()).extracting(BackupState::id).containsExactly(first.id());
        Backup second = repository.dump(Duration.ofHours(4));
        assertThat(state.get().backups()).extracting(BackupState::id).containsExactly(first.id(), second.id());
        repository.catalogue.status(first.id(), status -> status.withHeld("ann: audit"));
        assertThat(state.get().backups()).extracting(BackupState::held).containsExactly("ann: audit", null);
        settle();
        assertThat(state.get().backups()).hasSize(2);
        repository.catalogue.status(second.id(), status -> status.withDamages(List.of("changed")));
        assertThat(state.get().backups()).extracting(BackupState::isGood).containsExactly(true, false);
        repository.catalogue.remove(second);
        assertThat(state.get().backups()).hasSize(1);
    }

    @Test
    void readsOnlyWhatHasChanged() throws IOException {
        Backup backup = repository.base(Duration.ofHours(5), 3);
        repository.catalogue.status(backup.id(), status -> status.withVerified(repository.now));
        settle();
        assertThat(state.get().backups()).hasSize(1);
        // Nobody changes a manifest; were it read again, it would be found damaged.
        Path manifest = repository.catalogue.manifestFile(backup.id());
        FileTime before = Files.getLastModifiedTime(manifest);
        Files.writeString(manifest, "{}");
        Files.setLastModifiedTime(manifest, before);
        assertThat(state.get().backups().get(0).isGood()).isTrue();
    }

    @Test
    void tellsOfAnArchiveThatCannotBeRead() {
        repository.segment(1, 3, Duration.ofHours(1));
        state = new RepositoryState(repository.settings, (database, archive, newest) -> {
            throw new UncheckedIOException("the archive cannot be read", new IOException());
        });
        assertThat(state.get().archives())
                .singleElement()
                .satisfies(archive -> assertThat(archive.problems()).containsExactly("the archive cannot be read"));
    }

    @Test
    void tellsOfDrills() throws IOException {
        repository.dump(Duration.ofHours(4));
        Files.createDirectories(repository.catalogue.drillsFolder());
        BackupJson.write(
                repository.catalogue.drillsFolder().resolve("d1.json"),
                new DrillState("shore", "b", repository.now, true, 1.0, 2.0, repository.now, "01J", List.of()));
        assertThat(state.get().drills()).extracting(DrillState::rtoSeconds).containsExactly(2.0);
    }

    /** Makes all look as if it had been written a while ago. */
    private void settle() throws IOException {
        try (Stream<Path> all = Files.walk(repository.catalogue.folder())) {
            for (Path one : all.toList()) {
                Files.setLastModifiedTime(one, FileTime.from(Instant.parse("2026-11-21T10:00:00Z")));
            }
        }
    }
}
