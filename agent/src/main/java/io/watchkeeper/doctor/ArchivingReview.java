package io.watchkeeper.doctor;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the server's own archive_command works, where it has one. */
final class ArchivingReview {

    private final String subject;
    private final Session session;

    ArchivingReview(String subject, Session session) {
        this.subject = subject;
        this.session = session;
    }

    private record Archiver(
            String mode,
            String command,
            long archived,
            long failed,
            boolean failing,
            @Nullable String lastFailed) {}

    /** Empty where archive_mode is off, which the review of settings judges. */
    Optional<Finding> examine() throws SQLException {
        Archiver now = session.one(
                """
                select current_setting('archive_mode'),
                       coalesce((select reset_val from pg_settings where name = 'archive_command'), ''),
                       archived_count, failed_count,
                       last_failed_time is not null
                           and (last_archived_time is null or last_failed_time > last_archived_time),
                       last_failed_wal
                  from pg_stat_archiver""",
                row -> new Archiver(
                        row.getString(1),
                        row.getString(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getBoolean(5),
                        row.getString(6)));
        if (now.mode().equals("off")) {
            return Optional.empty();
        }
        if (now.failing()) {
            return Optional.of(Finding.red(
                    subject,
                    "archive_command fails, the last time with " + now.lastFailed()
                            + ": log piles up on the server's disk",
                    "the server's log has the command's own words; it tries again by itself."));
        }
        return Optional.of(
                now.failed() > 0
                        ? Finding.green(
                                subject,
                                now.archived() + " segments archived; " + now.failed()
                                        + " attempts failed and were made good")
                        : Finding.green(subject, now.archived() + " segments archived, no failure"));
    }
}
