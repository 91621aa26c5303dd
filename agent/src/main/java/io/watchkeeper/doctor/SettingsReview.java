package io.watchkeeper.doctor;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Compares a server's settings with what a server with data that matters should have. */
final class SettingsReview {

    private static final Bytes SMALLEST_MAX_WAL_SIZE = Bytes.gigabytes(1);
    private static final Bytes LARGEST_MAX_WAL_SIZE = Bytes.gigabytes(16);
    private static final Duration SHORTEST_CHECKPOINT_TIMEOUT = Duration.ofMinutes(5);
    private static final String RELOAD = "; SELECT pg_reload_conf();";
    private static final String RESTART = "; and restart the server.";

    private final String subject;
    private final Session session;
    private final boolean standby;
    private final boolean logIsReceived;
    private final Map<String, String> settings = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();

    /** @param logIsReceived whether an archive gets the log without the server's archive_command */
    SettingsReview(String subject, Session session, boolean standby, boolean logIsReceived) {
        this.subject = subject;
        this.session = session;
        this.standby = standby;
        this.logIsReceived = logIsReceived;
    }

    /** What departs from the recommendation; one green line when nothing does. */
    List<Finding> examine() throws SQLException {
        // What this session set for itself is not what others get: that is in reset_val.
        session.list("""
                        select name, reset_val from pg_settings
                         where name in ('fsync', 'full_page_writes', 'data_checksums', 'wal_level', 'archive_mode',
                                        'max_wal_size', 'checkpoint_timeout', 'autovacuum', 'log_lock_waits',
                                        'idle_in_transaction_session_timeout')""", row -> Map.entry(row.getString(1), Objects.requireNonNullElse(row.getString(2), "")))
                .forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
        reviewDurability();
        reviewWal();
        reviewHousekeeping();
        if (findings.isEmpty()) {
            findings.add(Finding.green(subject, "settings as recommended"));
        }
        return findings;
    }

    private void reviewDurability() {
        if (is("fsync", "off")) {
            red("fsync is off: a crash can destroy the whole cluster", "ALTER SYSTEM SET fsync = on" + RELOAD);
        }
        if (is("full_page_writes", "off")) {
            red(
                    "full_page_writes is off: a crash can leave half-written pages",
                    "ALTER SYSTEM SET full_page_writes = on" + RELOAD);
        }
        if (is("data_checksums", "off")) {
            amber(
                    "data checksums are off: damage by a disk goes unnoticed",
                    "while the server is stopped: pg_checksums --enable --pgdata=DATA_DIRECTORY");
        }
    }

    private void reviewWal() throws SQLException {
        if (is("wal_level", "minimal")) {
            amber(
                    "wal_level is minimal: neither base backups nor standbys are possible",
                    "ALTER SYSTEM SET wal_level = replica" + RESTART);
        }
        if (!standby && !logIsReceived && is("archive_mode", "off")) {
            amber(
                    "archive_mode is off, and no walArchive receives its log: it can be restored to its last backup only,"
                            + " not to a point in time",
                    "walArchive('" + subject + "') in a runbook; or ALTER SYSTEM SET archive_mode = on" + RESTART);
        }
        Bytes maxWalSize = Bytes.megabytes(number("max_wal_size"));
        Bytes recommended = recommendedMaxWalSize(databaseSize());
        if (maxWalSize.compareTo(recommended) < 0) {
            amber(
                    "max_wal_size is " + maxWalSize + ": checkpoints come too often under load",
                    "ALTER SYSTEM SET max_wal_size = '"
                            + recommended.count() / Bytes.gigabytes(1).count() + "GB'" + RELOAD);
        }
        if (number("checkpoint_timeout") < SHORTEST_CHECKPOINT_TIMEOUT.toSeconds()) {
            amber(
                    "checkpoint_timeout is " + number("checkpoint_timeout") + " s: every checkpoint makes WAL grow",
                    "ALTER SYSTEM SET checkpoint_timeout = '15min'" + RELOAD);
        }
    }

    private void reviewHousekeeping() {
        if (is("autovacuum", "off")) {
            amber(
                    "autovacuum is off: tables bloat, and transaction ids run out",
                    "ALTER SYSTEM SET autovacuum = on" + RELOAD);
        }
        if (is("log_lock_waits", "off")) {
            amber(
                    "log_lock_waits is off: who waited for whom is not in the server's log",
                    "ALTER SYSTEM SET log_lock_waits = on" + RELOAD);
        }
        if (!standby && number("idle_in_transaction_session_timeout") == 0) {
            amber(
                    "idle_in_transaction_session_timeout is 0: a forgotten transaction holds its locks and keeps dead"
                            + " rows for ever",
                    "ALTER SYSTEM SET idle_in_transaction_session_timeout = '10min'" + RELOAD);
        }
    }

    /** A tenth of the database, in whole gigabytes, between 1 GB and 16 GB. */
    static Bytes recommendedMaxWalSize(Bytes database) {
        long gigabyte = SMALLEST_MAX_WAL_SIZE.count();
        long tenth = database.count() / 10 / gigabyte * gigabyte;
        return Bytes.of(Math.min(Math.max(tenth, gigabyte), LARGEST_MAX_WAL_SIZE.count()));
    }

    private Bytes databaseSize() throws SQLException {
        return Bytes.of(session.one("select pg_database_size(current_database())", row -> row.getLong(1)));
    }

    private boolean is(String setting, String value) {
        return value.equals(settings.get(setting));
    }

    private long number(String setting) {
        return Long.parseLong(settings.getOrDefault(setting, "0"));
    }

    private void red(String text, String hint) {
        findings.add(Finding.red(subject, text, hint));
    }

    private void amber(String text, String hint) {
        findings.add(Finding.amber(subject, text, hint));
    }
}
