package io.watchkeeper.toolkit.backup;

import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.ProtectionLimits;
import io.watchkeeper.protection.ProtectionReview;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says of one database whether it could be brought back: backups, drills and the archive of its log. Asks the repository alone. */
public final class BackupReview {

    /** Backups of each kind that are told of, newest first. */
    private static final int EACH_KIND = 3;

    private final Protection known;
    private final String database;
    private final ProtectionLimits limits;
    private final Instant now;

    /** @param known what this host's repository has, of this database and others */
    public BackupReview(Protection known, String database, ProtectionLimits limits, Instant now) {
        this.known = known;
        this.database = database;
        this.limits = limits;
        this.now = now;
    }

    public Review review() {
        List<ReviewFinding> findings = new ArrayList<>();
        if (known.repository() == null) {
            findings.add(
                    new ReviewFinding(
                            "noRepository",
                            ReviewStatus.WARN,
                            "this host keeps no backups, so it does not know whether there are any",
                            "backups: { repository: /var/backups/watchkeeper } in the configuration, or ask the host that keeps them."));
        } else if (!known.databases().contains(database)) {
            findings.add(finding(new Concern(Concern.Kind.NO_BACKUP, true, database, "")));
        } else {
            ProtectionReview.concerns(known, limits, now).stream()
                    .filter(concern -> concern.database().equals(database))
                    .map(this::finding)
                    .forEach(findings::add);
        }
        return new Review("backups", database, words(), findings, rows());
    }

    private ReviewFinding finding(Concern concern) {
        String message = concern.kind() == Concern.Kind.OLD_DRILL
                ? "the last good restore drill of " + database + " was " + concern.detail() + " ago (limit "
                        + DurationText.say(limits.longestDrillAge()) + ")"
                : concern.message();
        return new ReviewFinding(
                concern.kind().wireName(),
                concern.urgent() ? ReviewStatus.FAIL : ReviewStatus.WARN,
                message,
                concern.detail().isEmpty() ? Map.of() : Map.of("detail", concern.detail()),
                concern.command());
    }

    private String words() {
        Optional<BackupState> newest = known.newestGood(database, null);
        String backup = newest.map(one -> "newest good backup (" + one.kind() + ") " + age(one.finishedAt()) + " old")
                .orElse("no good backup");
        String drill = known.newestPassedDrill(database)
                .map(one -> "restored and checked " + age(one.at()) + " ago"
                        + (one.rtoSeconds() == null
                                ? ""
                                : " in " + DurationText.say(Duration.ofMillis((long) (one.rtoSeconds() * 1_000)))))
                .orElse("never restored in a drill");
        String archive = known.archive(database).map(BackupReview::words).orElse("no archive of the log");
        return backup + ", " + drill + ", " + archive;
    }

    private static String words(WalState archive) {
        if (!archive.problems().isEmpty()) {
            return "log archived with gaps";
        }
        return archive.recoverableTo() == null ? "log archived" : "log archived to " + archive.recoverableTo();
    }

    private String age(Instant at) {
        Duration age = Duration.between(at, now);
        return DurationText.say(age.isNegative() ? Duration.ZERO : age);
    }

    private List<Map<String, Object>> rows() {
        Map<String, List<BackupState>> kinds = known.backups().stream()
                .filter(one -> one.database().equals(database))
                .sorted(Comparator.comparing(BackupState::finishedAt).reversed())
                .collect(Collectors.groupingBy(BackupState::kind, LinkedHashMap::new, Collectors.toList()));
        Stream<Map<String, Object>> backups = kinds.values().stream()
                .flatMap(some -> some.stream().limit(EACH_KIND))
                .map(this::row);
        return Stream.of(
                        backups,
                        known.newestDrill(database).map(this::row).stream(),
                        known.archive(database).map(BackupReview::row).stream())
                .flatMap(some -> some)
                .toList();
    }

    private Map<String, Object> row(BackupState backup) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", backup.kind());
        row.put("id", backup.id());
        row.put("finishedAt", backup.finishedAt().toString());
        row.put(
                "ageSeconds",
                Math.max(0, Duration.between(backup.finishedAt(), now).toSeconds()));
        row.put("bytes", backup.bytes());
        row.put("good", backup.isGood());
        put(row, "verifiedAt", backup.verifiedAt());
        put(row, "restoredAt", backup.restoredAt());
        return row;
    }

    private Map<String, Object> row(DrillState drill) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", "drill");
        row.put("finishedAt", drill.at().toString());
        row.put("ageSeconds", Math.max(0, Duration.between(drill.at(), now).toSeconds()));
        row.put("good", drill.passed());
        if (drill.rpoSeconds() != null) {
            row.put("rpoSeconds", drill.rpoSeconds());
        }
        if (drill.rtoSeconds() != null) {
            row.put("rtoSeconds", drill.rtoSeconds());
        }
        return row;
    }

    private static Map<String, Object> row(WalState archive) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", "archive");
        row.put("good", archive.problems().isEmpty());
        put(row, "recoverableTo", archive.recoverableTo());
        if (archive.lagBytes() != null) {
            row.put("lagBytes", archive.lagBytes());
        }
        return row;
    }

    private static void put(Map<String, Object> row, String key, @Nullable Instant value) {
        if (value != null) {
            row.put(key, value.toString());
        }
    }
}
