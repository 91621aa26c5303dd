package io.watchkeeper.protection;

import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Judges how well the data is protected, the same way for the page, the API and the doctor. */
public final class ProtectionReview {

    /** A daily backup and an hour of patience. */
    public static final Duration USUAL_BACKUP_AGE = Duration.ofHours(26);

    /** A weekly backup and a day of patience. */
    public static final Duration LONGEST_BACKUP_AGE = Duration.ofDays(8);

    /** A weekly drill, and a day for it to begin late and to end. */
    public static final Duration LONGEST_DRILL_AGE = Duration.ofDays(8);

    /** What may be lost; an archive that is further behind is to be looked at. */
    public static final Duration USUAL_ARCHIVE_AGE = Duration.ofMinutes(5);

    /** An archive that is further behind is urgent: no restart and no short loss of the link explains it. */
    public static final Duration LONGEST_ARCHIVE_AGE = Duration.ofHours(1);

    private final Protection protection;
    private final ProtectionLimits limits;
    private final Instant now;
    private final List<Concern> concerns = new ArrayList<>();

    private ProtectionReview(Protection protection, ProtectionLimits limits, Instant now) {
        this.protection = protection;
        this.limits = limits;
        this.now = now;
    }

    /** What somebody should look at, urgent things first; nothing where no repository is configured. */
    public static List<Concern> concerns(Protection protection, Instant now) {
        return concerns(protection, ProtectionLimits.USUAL, now);
    }

    /** The same with limits of one's own. */
    public static List<Concern> concerns(Protection protection, ProtectionLimits limits, Instant now) {
        ProtectionReview review = new ProtectionReview(protection, limits, now);
        review.examine();
        review.concerns.sort(Comparator.comparing(concern -> !concern.urgent()));
        return List.copyOf(review.concerns);
    }

    private void examine() {
        String repository = protection.repository();
        if (repository == null) {
            return;
        }
        Set<String> databases = protection.databases();
        if (databases.isEmpty()) {
            concerns.add(new Concern(Concern.Kind.NO_BACKUP, false, "", repository));
        }
        for (String database : databases) {
            backups(database);
            archive(database);
            drills(database);
        }
    }

    private void backups(String database) {
        Optional<BackupState> newest = protection.newestGood(database, null);
        if (newest.isEmpty()) {
            add(Concern.Kind.NO_BACKUP, true, database, "");
        } else {
            Duration age = Duration.between(newest.get().finishedAt(), now);
            if (age.compareTo(limits.usualBackupAge()) > 0) {
                add(
                        Concern.Kind.OLD_BACKUP,
                        age.compareTo(limits.longestBackupAge()) > 0,
                        database,
                        DurationText.say(age));
            }
        }
        oldBase(database);
        List<String> damaged = protection.backups().stream()
                .filter(b -> b.database().equals(database) && !b.isGood())
                .map(BackupState::id)
                .toList();
        if (!damaged.isEmpty()) {
            add(Concern.Kind.DAMAGED_BACKUP, true, database, String.join(", ", damaged));
        }
    }

    /** Dumps in time must not hide that there is no new base backup: the log leads on only from these. */
    private void oldBase(String database) {
        Optional<BackupState> newest = protection.backups().stream()
                .filter(b -> b.database().equals(database) && b.isGood())
                .max(Comparator.comparing(BackupState::finishedAt));
        Optional<BackupState> base = protection.backups().stream()
                .filter(b ->
                        b.database().equals(database) && b.isGood() && !b.kind().equals("dump"))
                .max(Comparator.comparing(BackupState::finishedAt));
        if (base.isPresent() && !base.equals(newest)) {
            Duration age = Duration.between(base.get().finishedAt(), now);
            if (age.compareTo(limits.longestBackupAge()) > 0) {
                add(Concern.Kind.OLD_BASE, true, database, DurationText.say(age));
            }
        }
    }

    private void archive(String database) {
        for (WalState archive : protection.archives()) {
            Instant to = archive.recoverableTo();
            if (archive.database().equals(database) && archive.problems().isEmpty() && to != null) {
                Duration age = Duration.between(to, now);
                if (age.compareTo(USUAL_ARCHIVE_AGE) > 0) {
                    boolean urgent = age.compareTo(LONGEST_ARCHIVE_AGE) > 0;
                    if (archive.measured()) {
                        add(Concern.Kind.STALE_ARCHIVE, urgent, database, DurationText.say(age));
                    } else if (urgent) {
                        add(Concern.Kind.QUIET_ARCHIVE, false, database, DurationText.say(age));
                    }
                }
            }
        }
        protection.archives().stream()
                .filter(archive -> archive.database().equals(database)
                        && !archive.problems().isEmpty())
                .forEach(archive -> add(
                        Concern.Kind.BROKEN_ARCHIVE,
                        true,
                        database,
                        archive.problems().get(0)));
    }

    /** Only what can be rolled forward is drilled. */
    private void drills(String database) {
        Optional<Instant> firstBackup = protection.backups().stream()
                .filter(b -> b.database().equals(database) && !b.kind().equals("dump"))
                .map(BackupState::finishedAt)
                .min(Comparator.naturalOrder());
        if (firstBackup.isEmpty()) {
            return;
        }
        Optional<DrillState> newest = protection.newestDrill(database);
        if (newest.isPresent() && !newest.get().passed()) {
            List<String> why = newest.get().failures();
            add(Concern.Kind.FAILED_DRILL, true, database, why.isEmpty() ? "it gave no reason" : why.get(0));
        }
        Optional<DrillState> good = protection.newestPassedDrill(database);
        Duration since = Duration.between(good.map(DrillState::at).orElse(firstBackup.get()), now);
        boolean late = since.compareTo(limits.longestDrillAge()) > 0;
        if (good.isEmpty()) {
            add(Concern.Kind.NO_DRILL, late, database, "");
        } else if (late) {
            add(Concern.Kind.OLD_DRILL, true, database, DurationText.say(since));
        }
    }

    private void add(Concern.Kind kind, boolean urgent, String database, String detail) {
        concerns.add(new Concern(kind, urgent, database, detail));
    }
}
