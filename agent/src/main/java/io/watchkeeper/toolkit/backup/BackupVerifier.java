package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the backups and the archived log of one database again and marks what is damaged. What was verified longest ago comes first, so
 * that a verification whose time is up goes on where it was. The repository's own files are never changed.
 */
public final class BackupVerifier {

    private final Catalogue catalogue;
    private final Clock clock;
    private final Work work;

    public BackupVerifier(Catalogue catalogue, Clock clock, Work work) {
        this.catalogue = catalogue;
        this.clock = clock;
        this.work = work;
    }

    /** What would be read, in its order; nothing is. */
    public List<PlannedAction> describe(IntegrityPlan plan) {
        List<PlannedAction> actions = new ArrayList<>();
        for (Item item : items(plan)) {
            Backup backup = item.backup();
            String since =
                    item.verifiedAt().equals(Instant.EPOCH) ? "never verified yet" : "verified " + item.verifiedAt();
            if (backup != null) {
                actions.add(
                        action("read backup " + backup.id(), backup.manifest().bytes(), since));
            } else {
                long bytes = catalogue.wal().files().stream()
                        .mapToLong(file -> file.bytes())
                        .sum();
                actions.add(action("read the archived WAL", bytes, since));
            }
        }
        return actions;
    }

    private PlannedAction action(String text, long bytes, String note) {
        return new PlannedAction(catalogue.database(), text, LockLevel.NONE, -1, bytes, note);
    }

    /** Reads, marks and tells; what is damaged is in the result, and no exception. */
    public IntegrityResult verify(IntegrityPlan plan) {
        long began = System.nanoTime();
        long mostNanos = plan.atMost() == null ? Long.MAX_VALUE : plan.atMost().toNanos();
        ReadingPace pace = new ReadingPace(plan.rateLimit(), work);
        ArchiveCheck archive = new ArchiveCheck(catalogue, pace, work, clock);
        List<String> verified = new ArrayList<>();
        int left = 0;
        for (Item item : items(plan)) {
            if (System.nanoTime() - began >= mostNanos) {
                left++;
            } else if (item.backup() == null) {
                left += archive.run(() -> System.nanoTime() - began >= mostNanos) ? 0 : 1;
            } else if (verify(item.backup(), pace)) {
                verified.add(item.backup().id());
            }
        }
        markDependents();
        Map<String, String> limits = new ArchiveLimits(catalogue, archive.problems()).mark();
        Map<String, List<String>> damaged = new LinkedHashMap<>();
        catalogue.backups().stream()
                .filter(backup -> backup.status().isDamaged())
                .forEach(backup -> damaged.put(backup.id(), backup.status().damages()));
        return new IntegrityResult(
                catalogue.database(),
                verified,
                archive.checked(),
                left,
                pace.total(),
                damaged,
                archive.problems(),
                limits,
                Duration.ofNanos(System.nanoTime() - began));
    }

    /** @return false when the backup has expired meanwhile */
    private boolean verify(Backup backup, ReadingPace pace) {
        String holder = "verification-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
        LockFile pin = catalogue.pin(backup.id(), holder);
        try {
            if (!Files.isDirectory(backup.folder())) {
                return false;
            }
            pace.begin(backup.id());
            List<String> problems = BackupCheck.problems(backup, pace);
            catalogue.status(
                    backup.id(),
                    status -> problems.isEmpty() ? status.withVerified(clock.instant()) : status.withDamages(problems));
            return true;
        } finally {
            pin.close();
            pace.end();
        }
    }

    /** A backup is no better than what it builds on, which may have been read after it. */
    private void markDependents() {
        List<Backup> oldestFirst = catalogue.backups();
        Map<String, Backup> byId = new TreeMap<>();
        Set<String> damaged = new HashSet<>();
        for (Backup backup : oldestFirst) {
            byId.put(backup.id(), backup);
            if (backup.status().isDamaged()) {
                damaged.add(backup.id());
            }
        }
        for (Backup backup : oldestFirst) {
            String parent = backup.manifest().parent();
            if (parent == null) {
                continue;
            }
            String problem = !byId.containsKey(parent)
                    ? "the backup it builds on, " + parent + ", is missing"
                    : "the backup it builds on, " + parent + ", is damaged";
            boolean lost = !byId.containsKey(parent) || damaged.contains(parent);
            if (lost && !backup.status().isDamaged()) {
                catalogue.status(backup.id(), status -> status.withDamages(List.of(problem)));
                damaged.add(backup.id());
            } else if (!lost
                    && backup.status().damages().stream().anyMatch(d -> d.startsWith("the backup it builds on"))) {
                // Its parent was mended; its own files are read again in their turn.
                catalogue.status(backup.id(), status -> status.withDamages(List.of()));
            }
        }
    }

    private List<Item> items(IntegrityPlan plan) {
        List<Backup> mine = catalogue.backups().stream()
                .filter(b -> b.manifest().provider().equals(BackupManifest.NATIVE))
                .toList();
        int from = plan.newest() == null ? 0 : Math.max(0, mine.size() - plan.newest());
        List<Item> items = new ArrayList<>();
        for (Backup backup : mine.subList(from, mine.size())) {
            items.add(new Item(backup, orNever(backup.status().verifiedAt())));
        }
        if (Files.isDirectory(catalogue.wal().folder())) {
            items.add(new Item(null, orNever(ArchiveNotes.read(catalogue).verifiedAt())));
        }
        items.sort(Comparator.comparing(Item::verifiedAt));
        return items;
    }

    private static Instant orNever(@Nullable Instant at) {
        return Objects.requireNonNullElse(at, Instant.EPOCH);
    }

    /** @param backup null for the archive. @param verifiedAt the epoch when it never was */
    private record Item(@Nullable Backup backup, Instant verifiedAt) {}
}
