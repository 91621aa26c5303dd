package io.watchkeeper.toolkit.settings;

import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Write-ahead log: checkpoints, archiving, and what of it survives a crash. */
final class WalRules {

    private static final Bytes SMALLEST_MAX_WAL_SIZE = Bytes.gigabytes(1);
    private static final Bytes LARGEST_MAX_WAL_SIZE = Bytes.gigabytes(16);
    private static final Duration SHORTEST_CHECKPOINT_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration LONGEST_CHECKPOINT_TIMEOUT = Duration.ofHours(1);
    private static final Duration LONGEST_ARCHIVE_TIMEOUT = Duration.ofSeconds(60);
    private static final double LOWEST_COMPLETION_TARGET = 0.8;

    private final String database;
    private final ServerSettings settings;
    private final SettingFindings findings;

    private WalRules(String database, ServerSettings settings, SettingFindings findings) {
        this.database = database;
        this.settings = settings;
        this.findings = findings;
    }

    /** @param logIsReceived whether an archive gets the log without the server's archive_command */
    static void examine(String database, ServerSettings settings, SettingFindings findings, boolean logIsReceived) {
        WalRules rules = new WalRules(database, settings, findings);
        rules.durability();
        rules.level();
        if (!settings.standby()) {
            rules.archiving(logIsReceived);
        }
        rules.checkpoints();
    }

    private void durability() {
        if (settings.is("fsync", "off")) {
            findings.fail("fsync", "fsync", "fsync is off: a crash can destroy the whole cluster", "on");
        }
        if (settings.is("full_page_writes", "off")) {
            findings.fail(
                    "fullPageWrites",
                    "full_page_writes",
                    "full_page_writes is off: a crash can leave half-written pages",
                    "on");
        }
        for (String hiding : List.of("zero_damaged_pages", "ignore_checksum_failure")) {
            if (settings.is(hiding, "on")) {
                findings.fail(
                        "damageIgnored", hiding, hiding + " is on: damaged data is passed over without a word", "off");
            }
        }
        if (settings.is("data_checksums", "off")) {
            findings.say(
                    ReviewStatus.WARN,
                    "dataChecksums",
                    "data checksums are off: damage by a disk goes unnoticed",
                    Map.of("setting", "data_checksums", "value", "off"),
                    "while the server is stopped: pg_checksums --enable --pgdata=DATA_DIRECTORY");
        }
        boolean off = settings.is("synchronous_commit", "off");
        boolean local = settings.is("synchronous_commit", "local") && !settings.is("synchronous_standby_names", "");
        if (off || local) {
            findings.warn(
                    "synchronousCommit",
                    "synchronous_commit",
                    off
                            ? "synchronous_commit is off: a crash loses what was committed in the last moments"
                            : "synchronous_commit is local: no commit waits for the standbys of synchronous_standby_names",
                    "on");
        }
    }

    private void level() {
        if (settings.is("wal_level", "minimal")) {
            findings.warn(
                    "walLevel",
                    "wal_level",
                    "wal_level is minimal: neither base backups nor standbys are possible",
                    "replica");
        }
        if (settings.is("wal_compression", "off")) {
            findings.warn(
                    "walCompression",
                    "wal_compression",
                    "wal_compression is off: archive and standbys get full pages as they are, over the link too",
                    "on");
        }
    }

    private void archiving(boolean logIsReceived) {
        if (logIsReceived) {
            return;
        }
        if (settings.is("archive_mode", "off")) {
            findings.warn(
                    "archiveMode",
                    "archive_mode",
                    "archive_mode is off, and no walArchive('" + database
                            + "') receives the log: the server can be restored to its last backup only, not to a"
                            + " point in time",
                    "on");
            return;
        }
        String command = settings.value("archive_command").orElse("-");
        if (command.isBlank() && settings.value("archive_library").orElse("").isBlank()) {
            findings.fail(
                    "archiveCommand",
                    "archive_command",
                    "archive_mode is on and archive_command is empty: the log piles up until the disk is full",
                    "test ! -f /archive/%f && cp %p /archive/%f");
        }
        Duration timeout = settings.time("archive_timeout").orElse(LONGEST_ARCHIVE_TIMEOUT);
        if (timeout.isZero() || timeout.compareTo(LONGEST_ARCHIVE_TIMEOUT) > 0) {
            findings.warn(
                    "archiveTimeout",
                    "archive_timeout",
                    "archive_timeout is " + settings.words("archive_timeout")
                            + ": on a quiet server a commit may wait that long, or for ever, for its way into the archive",
                    "60s");
        }
    }

    private void checkpoints() {
        Bytes recommended = recommendedMaxWalSize(settings.facts().databaseSize());
        settings.size("max_wal_size")
                .filter(size -> size.compareTo(recommended) < 0)
                .ifPresent(size -> findings.warn(
                        "maxWalSize",
                        "max_wal_size",
                        "max_wal_size is " + size + ": checkpoints come too often under load",
                        recommended.count() / Bytes.gigabytes(1).count() + "GB"));
        settings.time("checkpoint_timeout").ifPresent(timeout -> {
            if (timeout.compareTo(SHORTEST_CHECKPOINT_TIMEOUT) < 0) {
                findings.warn(
                        "checkpointTimeout",
                        "checkpoint_timeout",
                        "checkpoint_timeout is " + timeout.toSeconds() + " s: every checkpoint makes WAL grow",
                        "15min");
            } else if (timeout.compareTo(LONGEST_CHECKPOINT_TIMEOUT) > 0) {
                findings.warn(
                        "checkpointTimeout",
                        "checkpoint_timeout",
                        "checkpoint_timeout is " + settings.words("checkpoint_timeout")
                                + ": after a crash the server takes long to come back",
                        "15min");
            }
        });
        if (settings.isBelow("checkpoint_completion_target", LOWEST_COMPLETION_TARGET)) {
            findings.warn(
                    "completionTarget",
                    "checkpoint_completion_target",
                    "checkpoint_completion_target is " + settings.words("checkpoint_completion_target")
                            + ": checkpoints write in bursts",
                    "0.9");
        }
    }

    /** A tenth of the database, in whole gigabytes, between 1 GB and 16 GB. */
    static Bytes recommendedMaxWalSize(Bytes database) {
        long gigabyte = SMALLEST_MAX_WAL_SIZE.count();
        long tenth = database.count() / 10 / gigabyte * gigabyte;
        return Bytes.of(Math.min(Math.max(tenth, gigabyte), LARGEST_MAX_WAL_SIZE.count()));
    }
}
