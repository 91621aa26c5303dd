package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.ExpirySituation.Family;
import io.watchkeeper.toolkit.backup.ExpirySituation.Kept;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Removes what a policy no longer keeps of one database. The process may die at any moment of it: a backup is taken out of the catalogue
 * by one rename before its first file goes, nothing goes before what builds on it, and log goes last and oldest first. What is left is
 * then a smaller repository in order, and the next expiry goes on with it.
 */
public final class BackupExpiry {

    private final Catalogue catalogue;
    private final Clock clock;
    private final Work work;

    public BackupExpiry(Catalogue catalogue, Clock clock, Work work) {
        this.catalogue = catalogue;
        this.clock = clock;
        this.work = work;
    }

    /** What would go now, and why; changes nothing. */
    public ExpiryPlan plan(RetentionPolicy policy) {
        return ExpiryPlanner.plan(situation(), policy);
    }

    /** The plan for a dry run: what goes and what stays, each with its reason. */
    public List<PlannedAction> describe(RetentionPolicy policy) {
        ExpiryPlan plan = plan(policy);
        List<PlannedAction> actions = new ArrayList<>();
        plan.backups().forEach(b -> actions.add(action("backup", b.id(), b.goes(), b.reason(), b.bytes())));
        plan.wal().forEach(w -> actions.add(action("WAL", w.range(), w.goes(), w.reason(), w.bytes())));
        return actions;
    }

    private PlannedAction action(String what, String name, boolean goes, String reason, long bytes) {
        String text = (goes ? "remove " : "keep ") + what + " " + name;
        return new PlannedAction(catalogue.database(), text, LockLevel.NONE, -1, bytes, reason);
    }

    /**
     * Removes what goes.
     *
     * @throws OperatorException when somebody makes or expires backups of this database just now; nothing is changed then
     */
    public ExpiryResult expire(RetentionPolicy policy) {
        LockFile turn = catalogue.lock("an expiry, " + work.applicationName());
        try {
            catalogue.sweep();
            ExpiryPlan plan = plan(policy);
            List<String> removed = new ArrayList<>();
            Map<String, String> failures = removeBackups(plan.doomedBackups(), removed);
            // Asked again: a backup that could not go, or that a drill has taken up meanwhile, still needs its log.
            ArchiveExpiry archive = new ArchiveExpiry(catalogue.wal());
            List<String> segments = archive.remove(plan(policy).doomedSegments(), work);
            return new ExpiryResult(
                    catalogue.database(), plan, removed, segments.size(), archive.bytesFreed(), failures);
        } finally {
            turn.close();
        }
    }

    private Map<String, String> removeBackups(List<String> doomed, List<String> removed) {
        Map<String, Backup> byId =
                catalogue.backups().stream().collect(Collectors.toMap(Backup::id, Function.identity()));
        Map<String, String> failures = new LinkedHashMap<>();
        Set<String> needed = new HashSet<>();
        for (String id : doomed) {
            work.throwIfCancelled();
            Backup backup = byId.get(id);
            if (backup == null) {
                continue;
            }
            try {
                if (!needed.contains(id) && catalogue.remove(backup)) {
                    removed.add(id);
                    continue;
                }
            } catch (OperatorException e) {
                failures.put(id, String.valueOf(e.getMessage()));
            }
            // It is still there, so what it builds on stays, too: dependents come first.
            if (backup.manifest().parent() != null) {
                needed.add(backup.manifest().parent());
            }
        }
        return failures;
    }

    private ExpirySituation situation() {
        return new ExpirySituation(
                catalogue.backups().stream().map(this::kept).toList(),
                new ArchiveExpiry(catalogue.wal()).segments(),
                clock.instant());
    }

    private Kept kept(Backup backup) {
        BackupManifest manifest = backup.manifest();
        return new Kept(
                manifest.id(),
                manifest.kind().isPhysical() ? Family.BASE : Family.DUMP,
                manifest.parent(),
                manifest.finishedAt(),
                startSegment(manifest),
                manifest.bytes(),
                backup.status().isDamaged(),
                backup.status().held(),
                catalogue.pinnedBy(manifest.id()).orElse(null),
                !manifest.provider().equals(BackupManifest.NATIVE));
    }

    private static @Nullable String startSegment(BackupManifest manifest) {
        if (!manifest.kind().isPhysical()) {
            return null;
        }
        return manifest.startLsn() == null || manifest.walSegmentSize() <= 0
                ? Kept.UNKNOWN_START
                : WalSegment.at(manifest.timeline(), manifest.startLsn(), manifest.walSegmentSize())
                        .name()
                        .substring(8);
    }
}
