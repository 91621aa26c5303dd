package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.toolkit.wal.WalArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the repository holds, for those who show it, often: of backups and drills, only what has changed is read again, and the archives
 * are looked at every few seconds at most.
 */
public final class RepositoryState implements Supplier<Protection> {

    private static final Logger LOG = LoggerFactory.getLogger(RepositoryState.class);

    /** Times of files are coarse: what changed this recently may change again without a new time. */
    private static final Duration COARSE = Duration.ofSeconds(2);

    private static final long ARCHIVES_HOLD = Duration.ofSeconds(2).toNanos();

    /** Asks about one archive. */
    @FunctionalInterface
    public interface ArchiveQuestion {

        /** @param newestBackup where the newest good base backup begins; null where there is none. Empty when there is no archive */
        Optional<WalState> state(String database, WalArchive archive, @Nullable Lsn newestBackup);
    }

    private final BackupSettings settings;
    private final ArchiveQuestion archives;
    private final Map<String, Known> backups = new ConcurrentHashMap<>();
    private final Map<Path, DrillState> drills = new ConcurrentHashMap<>();
    private @Nullable List<WalState> lastArchives;
    private long archivesAt;

    public RepositoryState(BackupSettings settings, ArchiveQuestion archives) {
        this.settings = settings;
        this.archives = archives;
    }

    /** One database's backups as they were when its folders had these times. */
    private record Known(
            @Nullable Instant backupsFolder, @Nullable Instant statusFolder, Map<String, Entry> entries) {}

    private record Entry(
            @Nullable Instant manifestAt,
            @Nullable Instant statusAt,
            BackupState state,
            @Nullable Lsn start) {}

    /** @throws io.watchkeeper.problem.OperatorException when the repository cannot be read */
    @Override
    public Protection get() {
        if (settings.repository() == null) {
            return Protection.NONE;
        }
        List<BackupState> allBackups = new ArrayList<>();
        List<DrillState> allDrills = new ArrayList<>();
        Map<Catalogue, @Nullable Lsn> newest = new HashMap<>();
        List<Catalogue> catalogues = settings.catalogues();
        for (Catalogue catalogue : catalogues) {
            Known known = known(catalogue);
            known.entries().values().forEach(entry -> allBackups.add(entry.state()));
            known.entries().values().stream()
                    .filter(entry -> entry.start() != null && entry.state().isGood())
                    .max(Comparator.comparing(entry -> entry.state().finishedAt()))
                    .ifPresent(entry -> newest.put(catalogue, entry.start()));
            allDrills.addAll(drills(catalogue));
        }
        allBackups.sort(Comparator.comparing(BackupState::finishedAt));
        allDrills.sort(Comparator.comparing(DrillState::at));
        return new Protection(
                String.valueOf(settings.repository()), allBackups, archives(catalogues, newest), allDrills);
    }

    private Known known(Catalogue catalogue) {
        Instant backupsFolder = settled(catalogue.backupsFolder());
        Instant statusFolder = settled(catalogue.statusFolder());
        Known before = backups.get(catalogue.database());
        if (before != null
                && backupsFolder != null
                && statusFolder != null
                && backupsFolder.equals(before.backupsFolder())
                && statusFolder.equals(before.statusFolder())) {
            return before;
        }
        Map<String, Entry> entries = new HashMap<>();
        for (String id : catalogue.ids()) {
            Entry old = before == null ? null : before.entries().get(id);
            Instant manifestAt = settled(catalogue.manifestFile(id));
            Instant statusAt = settled(catalogue.statusFile(id));
            boolean unchanged = old != null
                    && manifestAt != null
                    && manifestAt.equals(old.manifestAt())
                    && java.util.Objects.equals(statusAt, old.statusAt())
                    && (statusAt != null || !Files.exists(catalogue.statusFile(id)));
            if (unchanged) {
                entries.put(id, old);
            } else {
                catalogue
                        .entry(id)
                        .ifPresent(backup -> entries.put(
                                id,
                                new Entry(
                                        manifestAt,
                                        statusAt,
                                        backup.state(),
                                        backup.manifest().startLsn())));
            }
        }
        Known now = new Known(backupsFolder, statusFolder, entries);
        backups.put(catalogue.database(), now);
        return now;
    }

    private List<DrillState> drills(Catalogue catalogue) {
        List<DrillState> found = new ArrayList<>();
        Path folder = catalogue.drillsFolder();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                // Written once and never changed.
                DrillState drill = drills.get(file);
                if (drill == null) {
                    drill = BackupJson.read(file, DrillState.class);
                    drills.put(file, drill);
                }
                found.add(drill);
            }
        } catch (IOException e) {
            LOG.warn("an outcome of a drill cannot be read: {}", e.getMessage());
        }
        return found;
    }

    private synchronized List<WalState> archives(List<Catalogue> catalogues, Map<Catalogue, @Nullable Lsn> newest) {
        long now = System.nanoTime();
        if (lastArchives == null || now - archivesAt > ARCHIVES_HOLD) {
            List<WalState> all = new ArrayList<>();
            for (Catalogue one : catalogues) {
                Map<String, String> damages = ArchiveNotes.read(one).problems();
                ask(one, newest.get(one))
                        .map(state -> withDamages(state, damages))
                        .ifPresent(all::add);
            }
            lastArchives = List.copyOf(all);
            archivesAt = now;
        }
        return lastArchives;
    }

    /** An archive that cannot be read is told of like any other trouble with it: the page must not fail with it. */
    private Optional<WalState> ask(Catalogue one, @Nullable Lsn newestBackup) {
        try {
            return archives.state(one.database(), one.wal(), newestBackup);
        } catch (UncheckedIOException e) {
            String problem = String.valueOf(e.getMessage());
            return Optional.of(new WalState(one.database(), null, false, null, false, null, null, List.of(problem)));
        }
    }

    private static WalState withDamages(WalState state, Map<String, String> damages) {
        List<String> problems = new ArrayList<>(state.problems());
        damages.forEach((file, problem) -> problems.add(file + ": " + problem));
        return new WalState(
                state.database(),
                state.recoverableTo(),
                state.measured(),
                state.newest(),
                state.live(),
                state.lagBytes(),
                state.retainedBytes(),
                problems);
    }

    /** When it was last changed; null when it is not there, or so recently that its next change may not show. */
    private @Nullable Instant settled(Path file) {
        Clock clock = settings.clock();
        try {
            Instant at = Files.getLastModifiedTime(file).toInstant();
            return at.plus(COARSE).isBefore(clock.instant()) ? at : null;
        } catch (IOException e) {
            return null;
        }
    }
}
