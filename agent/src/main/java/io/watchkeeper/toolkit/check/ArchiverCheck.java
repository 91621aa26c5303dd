package io.watchkeeper.toolkit.check;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Whether the server gets its finished log archived: by its own archiver, if {@code archive_mode} is on.
 *
 * @param warn a finished segment that has waited so long
 */
public record ArchiverCheck(Duration warn, Duration fail) implements Check {

    public static final ArchiverCheck USUAL = new ArchiverCheck(Duration.ofMinutes(5), Duration.ofHours(1));

    private static final String SQL = """
            select current_setting('archive_mode') as mode, pg_is_in_recovery() as standby,
                   pg_has_role('pg_read_all_settings', 'usage') as "seesSettings", quote_ident(current_user) as role,
                   coalesce((select setting from pg_settings where name = 'archive_command'), '') not in ('', '(disabled)')
                       or coalesce((select setting from pg_settings where name = 'archive_library'), '') <> '' as "hasCommand",
                   a.archived_count as archived, a.last_archived_wal as "lastArchived", a.last_archived_time as "lastArchivedAt",
                   extract(epoch from now() - a.last_archived_time)::float8 as "archivedSecondsAgo",
                   a.failed_count as failed, a.last_failed_wal as "lastFailed", a.last_failed_time as "lastFailedAt",
                   extract(epoch from now() - a.last_failed_time)::float8 as "failedSecondsAgo",
                   coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false) as failing,
                   a.stats_reset as "statisticsSince",
                   has_function_privilege('pg_ls_archive_statusdir()', 'execute') as "seesQueue",
                   -- The newest finished segment is archived: nothing can be waiting.
                   case when pg_is_in_recovery() then false
                        else coalesce(left(a.last_archived_wal, 24) >= pg_walfile_name(pg_current_wal_insert_lsn()
                             - (select setting::bigint from pg_settings where name = 'wal_segment_size')), false) end as "caughtUp"
              from pg_stat_archiver a""";

    /** Only segments: a history or backup file says nothing about how old the log is. */
    private static final String QUEUE = """
            select count(*) as waiting, extract(epoch from now() - min(modification))::float8 as seconds,
                   (array_agg(name order by modification))[1] as oldest
              from pg_ls_archive_statusdir() where name ~ '^[0-9A-F]{24}\\.ready$'""";

    @Override
    public String verb() {
        return "archiver";
    }

    @Override
    public Review review(Look look) throws SQLException {
        Row archiver = look.row(SQL);
        Findings findings = new Findings();
        String mode = archiver.text("mode");
        if (mode.equals("off") || (archiver.is("standby") && !mode.equals("always"))) {
            return findings.review(
                    look,
                    "archiver",
                    mode.equals("off")
                            ? "archive_mode is off: the server archives nothing by itself"
                            : "a standby archives nothing: its primary does",
                    List.of());
        }
        Map<String, Object> shown = archiver.only(
                "mode",
                "archived",
                "lastArchived",
                "lastArchivedAt",
                "failed",
                "lastFailed",
                "lastFailedAt",
                "statisticsSince");
        if (archiver.is("caughtUp")) {
            shown.put("waiting", 0L);
        } else if (!archiver.is("seesQueue")) {
            findings.unreadable(archiver.text("role"), "how much log waits to be archived");
        } else {
            Row queue = look.row(QUEUE);
            shown.put("waiting", queue.whole("waiting"));
            judge(findings, archiver, queue, shown);
        }
        if (archiver.is("seesSettings") && !archiver.is("hasCommand")) {
            findings.fail(
                    "noCommand",
                    "archive_mode is " + mode
                            + " and there is no archive_command: finished log stays in pg_wal for ever",
                    Map.of(),
                    "ALTER SYSTEM SET archive_command = '…'; SELECT pg_reload_conf(); -- or walArchive in a runbook");
        }
        failure(findings, archiver, shown);
        return findings.review(look, "archiver", summary(archiver, shown), List.of(shown));
    }

    private void judge(Findings findings, Row archiver, Row queue, Map<String, Object> shown) {
        if (queue.whole("waiting") == 0) {
            return;
        }
        Duration waited = queue.seconds("seconds");
        shown.put("oldestWaitsSeconds", waited.toSeconds());
        ReviewStatus status = Findings.above(waited, warn, fail);
        if (status != ReviewStatus.OK) {
            findings.add(
                    status,
                    "behind",
                    Findings.count(queue.whole("waiting"), "segment waits", "segments wait")
                            + " to be archived, the oldest, "
                            + queue.text("oldest").replace(".ready", "") + ", for "
                            + DurationText.say(waited)
                            + (archiver.is("failing")
                                    ? "; archive_command fails"
                                    : "; archive_command is slow or hangs"),
                    shown,
                    "see the server's log for archive_command; it must end with 0 and soon, or pg_wal fills the disk");
        }
    }

    /** One that failed and has succeeded since is history. */
    private static void failure(Findings findings, Row archiver, Map<String, Object> shown) {
        if (archiver.is("failing")) {
            findings.fail(
                    "failing",
                    "archiving " + archiver.text("lastFailed") + " failed "
                            + DurationText.say(archiver.seconds("failedSecondsAgo")) + " ago, for the "
                            + archiver.whole("failed") + ". time"
                            + (archiver.has("lastArchived")
                                    ? "; the last that was archived is " + archiver.text("lastArchived")
                                    : "; nothing was ever archived"),
                    shown,
                    "see the server's log for archive_command: its own words stand there; then SELECT pg_switch_wal();");
        }
    }

    private static String summary(Row archiver, Map<String, Object> shown) {
        String waiting = shown.containsKey("waiting") ? ", " + shown.get("waiting") + " wait" : "";
        if (!archiver.has("lastArchived")) {
            return "nothing has been archived yet" + waiting;
        }
        return archiver.whole("archived") + " segments archived, the last "
                + DurationText.say(archiver.seconds("archivedSecondsAgo")) + " ago" + waiting;
    }
}
