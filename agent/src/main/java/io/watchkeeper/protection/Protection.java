package io.watchkeeper.protection;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything this host knows of backups.
 *
 * @param repository the folder they are in; null when this host keeps none
 * @param backups of all databases, oldest first
 * @param archives one for each database that has one
 * @param drills of all databases, oldest first
 */
public record Protection(
        @Nullable String repository, List<BackupState> backups, List<WalState> archives, List<DrillState> drills) {

    /** Where no repository is configured. */
    public static final Protection NONE = new Protection(null, List.of(), List.of(), List.of());

    public Protection {
        backups = List.copyOf(backups);
        archives = List.copyOf(archives);
        drills = List.copyOf(drills);
    }

    /** Of these databases only: what is kept of one that is gone grows old, and nobody is to be woken for that. */
    public Protection of(Set<String> names) {
        return new Protection(
                repository,
                backups.stream().filter(b -> names.contains(b.database())).toList(),
                archives.stream().filter(a -> names.contains(a.database())).toList(),
                drills.stream().filter(d -> names.contains(d.database())).toList());
    }

    /** Of which there is anything, by name. */
    public Set<String> databases() {
        Set<String> names = new TreeSet<>();
        Stream.of(
                        backups.stream().map(BackupState::database),
                        archives.stream().map(WalState::database),
                        drills.stream().map(DrillState::database))
                .forEach(some -> some.forEach(names::add));
        return names;
    }

    /** @param kind as {@link BackupState#kind} has it; null for any */
    public Optional<BackupState> newestGood(String database, @Nullable String kind) {
        return backups.stream()
                .filter(b -> b.isGood() && b.database().equals(database))
                .filter(b -> kind == null || b.kind().equals(kind))
                .max(Comparator.comparing(BackupState::finishedAt));
    }

    public Optional<WalState> archive(String database) {
        return archives.stream().filter(a -> a.database().equals(database)).findFirst();
    }

    /** Whether it passed or not. */
    public Optional<DrillState> newestDrill(String database) {
        return drills.stream().filter(d -> d.database().equals(database)).max(Comparator.comparing(DrillState::at));
    }

    public Optional<DrillState> newestPassedDrill(String database) {
        return drills.stream()
                .filter(d -> d.passed() && d.database().equals(database))
                .max(Comparator.comparing(DrillState::at));
    }
}
