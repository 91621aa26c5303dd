package io.watchkeeper.doctor;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.ProtectionReview;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether what is in the repository would bring the data back, whether that was proven, and how long the disk will hold. */
final class BackupsCheck implements HealthCheck {

    /** Growth is counted over this time, or since the first backup where that is less. */
    private static final Duration GROWTH_WINDOW = Duration.ofDays(7);

    private static final Duration FULL_SOON = Duration.ofDays(7);
    private static final Duration FULL_NOW = Duration.ofDays(1);
    private static final String SECRET_KEY = "AGE-SECRET-KEY-";
    private static final long LARGEST_KEY_FILE = 4_096;

    private final AgentConfig.Backups settings;
    private final Supplier<Protection> protection;
    private final Clock clock;
    private final List<Finding> findings = new ArrayList<>();

    BackupsCheck(AgentConfig.Backups settings, Supplier<Protection> protection, Clock clock) {
        this.settings = settings;
        this.protection = protection;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "backups";
    }

    @Override
    public List<Finding> examine() throws IOException {
        Path repository = settings.repository();
        if (repository == null) {
            return List.of(Finding.amber(
                    subject(),
                    "this host keeps no backups",
                    "where it should, name a folder: backups: { repository: /var/backups/watchkeeper }"));
        }
        if (!Files.isDirectory(repository)) {
            return List.of(Finding.amber(
                    subject(),
                    "the repository " + repository + " does not exist yet",
                    "is its file system mounted? The first backup makes the folder."));
        }
        Instant now = clock.instant();
        Protection known = protection.get();
        for (String database : known.databases()) {
            describe(known, database, now);
        }
        for (Concern concern : ProtectionReview.concerns(known, now)) {
            Finding.Level level = concern.urgent() ? Finding.Level.RED : Finding.Level.AMBER;
            findings.add(new Finding(level, subjectOf(concern), concern.message(), concern.hint()));
        }
        space(repository, known, now);
        keysIn(repository);
        return findings;
    }

    private String subjectOf(Concern concern) {
        return switch (concern.kind()) {
            case FAILED_DRILL, OLD_DRILL, NO_DRILL -> "drills";
            default -> subject();
        };
    }

    private void describe(Protection known, String database, Instant now) {
        known.newestGood(database, null)
                .filter(newest -> age(newest.finishedAt(), now).compareTo(ProtectionReview.USUAL_BACKUP_AGE) <= 0)
                .ifPresent(newest -> findings.add(Finding.green(
                        subject(),
                        "newest of " + database + ": " + newest.kind() + ", "
                                + DurationText.say(age(newest.finishedAt(), now)) + " old, "
                                + Bytes.of(newest.bytes())
                                + (newest.verifiedAt() == null ? ", not verified yet" : ", verified"))));
        Optional<WalState> archive =
                known.archive(database).filter(a -> a.problems().isEmpty());
        archive.map(WalState::recoverableTo)
                .filter(to -> age(to, now).compareTo(ProtectionReview.USUAL_ARCHIVE_AGE) <= 0)
                .ifPresent(to -> findings.add(Finding.green(
                        subject(),
                        database + " is recoverable to " + DurationText.say(age(to, now)) + " ago, without a gap")));
        Optional<DrillState> drill = known.newestPassedDrill(database)
                .filter(good -> age(good.at(), now).compareTo(ProtectionReview.LONGEST_DRILL_AGE) <= 0);
        drill.ifPresent(good -> findings.add(Finding.green(
                "drills",
                "last good restore drill of " + database + " " + DurationText.say(age(good.at(), now))
                        + " ago (limit 8 d)" + seconds(", RPO ", good.rpoSeconds())
                        + seconds(", RTO ", good.rtoSeconds()))));
    }

    private static String seconds(String label, @Nullable Double seconds) {
        return seconds == null ? "" : label + DurationText.say(Duration.ofMillis(Math.round(seconds * 1_000)));
    }

    /** When the disk is full if backups go on as they did and nothing expires: the worst case, and the one to be warned of. */
    private void space(Path repository, Protection known, Instant now) {
        Bytes free = FreeSpace.of(repository).orElse(null);
        if (free == null) {
            return;
        }
        String text = free + " free in " + repository;
        Optional<Duration> full = timeToFull(known, now, free.count());
        if (full.isEmpty()) {
            findings.add(Finding.green(subject(), text));
            return;
        }
        text += ", full in " + DurationText.say(full.get()) + " at the rate of the last "
                + DurationText.say(window(known, now)) + " if nothing expires";
        String hint = "watchkeeper backup expire --dry-run says what may go; or use a larger disk.";
        if (full.get().compareTo(FULL_NOW) < 0) {
            findings.add(Finding.red(subject(), text, hint));
        } else if (full.get().compareTo(FULL_SOON) < 0) {
            findings.add(Finding.amber(subject(), text, hint));
        } else {
            findings.add(Finding.green(subject(), text));
        }
    }

    /** Empty as long as there is too little to tell from. */
    private static Optional<Duration> timeToFull(Protection known, Instant now, long free) {
        Duration window = window(known, now);
        List<BackupState> recent = known.backups().stream()
                .filter(b -> b.finishedAt().isAfter(now.minus(window)))
                .toList();
        long bytes = recent.stream().mapToLong(BackupState::bytes).sum();
        if (recent.size() < 2 || bytes == 0 || window.toHours() < 1) {
            return Optional.empty();
        }
        double perSecond = bytes / (double) window.toSeconds();
        return Optional.of(Duration.ofSeconds((long)
                Math.min(free / perSecond, (double) Duration.ofDays(3_650).toSeconds())));
    }

    private static Duration window(Protection known, Instant now) {
        Duration since = known.backups().stream()
                .map(BackupState::startedAt)
                .min(Instant::compareTo)
                .map(first -> age(first, now))
                .orElse(Duration.ZERO);
        return since.compareTo(GROWTH_WINDOW) < 0 ? since : GROWTH_WINDOW;
    }

    /** Whoever takes the disk must not take the key with it. */
    private void keysIn(Path repository) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(repository, Files::isRegularFile)) {
            for (Path file : files) {
                boolean key = Files.size(file) <= LARGEST_KEY_FILE
                        && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET_KEY);
                if (key) {
                    findings.add(Finding.red(
                            subject(),
                            "a secret key lies in the repository that it opens: " + file,
                            "move it to another disk, and make a new pair of keys: whoever had the disk had both."));
                }
            }
        }
    }

    private static Duration age(Instant at, Instant now) {
        Duration age = Duration.between(at, now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
